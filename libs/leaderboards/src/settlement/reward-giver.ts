import { isConflict, untilWritten } from '@ccgame/jetstream';
import { within } from '@ccgame/rpc/basics';
import { Injectable, Logger } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { LeaderboardStore, type Standing } from '../store/leaderboard-store.js';
import type { RewardsRecord, SettledRecord } from '../store/records.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { Archive } from './archive.js';
import { rewardsPart } from './archive-parts.js';
import { ArchiveRoom } from './archive-room.js';
import { LeaderboardRewards } from './rewards.js';

const secondsPerDay = 86_400;

/** `seq`: what stood there when another job wrote first. */
type Given = { isDone: true; failedPages: number[] } | { isDone: false; seq: number };

/** Gives the rewards of a settled period page by page, and writes down how far it is. */
@Injectable()
export class RewardGiver {
  /** How long the game's own code may take: a run of the job ends after ten minutes, and other periods wait. */
  readonly pageMs = 120_000;
  private readonly log = new Logger('leaderboards');

  constructor(
    private readonly store: LeaderboardStore,
    private readonly archive: Archive,
    private readonly rewards: LeaderboardRewards,
    private readonly room: ArchiveRoom,
  ) {}

  /**
   * Gives what isn't given yet, and then what failed before. One page that takes too long ends it until the next run.
   *
   * @returns the pages whose rewards failed: the next run tries them again
   * @throws NotRead, NotStored; RpcError BUSY where what another job wrote is not to be read for 0.6 s
   */
  async give(board: Board, period: string, head: SettledRecord): Promise<number[]> {
    const subject = settledSubject(board.name, period, rewardsPart);
    for (let after = -1; ;) {
      // Another job gives them as well: what it wrote counts.
      const stands = await untilWritten(async () => {
        const found = await this.store.read<RewardsRecord>(settledStream.name, subject);
        return found.seq > after && found;
      });
      const given = await this.giveRest(board, period, head, stands);
      if (given.isDone) return given.failedPages;
      after = given.seq;
    }
  }

  private async giveRest(
    board: Board,
    period: string,
    head: SettledRecord,
    stands: Standing<RewardsRecord>,
  ): Promise<Given> {
    const { nextPage: first, failedPages } = stands.record ?? { nextPage: 0, failedPages: [] };
    const pages = Math.ceil(head.players / head.pageSize);
    const left = Array.from({ length: pages - first }, (_, index) => first + index);
    const failed = new Set(failedPages);
    let nextPage = first;
    let { seq } = stands;
    // Those that failed come last, or one that takes too long in each run would keep the others back for ever.
    for (const page of [...left, ...failedPages]) {
      const outcome = await this.givePage(board, period, head, page);
      // One that failed once more goes behind those that were not tried in this run.
      failed.delete(page);
      if (outcome !== 'given') failed.add(page);
      nextPage = Math.max(nextPage, page + 1);
      const written = await this.writeGrant(board, period, { nextPage, failedPages: [...failed] }, seq);
      if (written === undefined) return { isDone: false, seq };
      seq = written;
      if (outcome === 'stuck') break;
    }
    return { isDone: true, failedPages: [...failed] };
  }

  /** Undefined: another job wrote first. */
  private async writeGrant(
    board: Board,
    period: string,
    record: RewardsRecord,
    expected: number,
  ): Promise<number | undefined> {
    const subject = settledSubject(board.name, period, rewardsPart);
    const ttlSeconds = Math.ceil(board.keepDays * secondsPerDay);
    try {
      return await this.room.writePart({ subject, payload: JSON.stringify(record), expected, ttlSeconds });
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  private async givePage(
    board: Board,
    period: string,
    head: SettledRecord,
    page: number,
  ): Promise<'given' | 'failed' | 'stuck'> {
    const entries = await this.archive.entries(board, period, head, page * head.pageSize, head.pageSize);
    const key = `${board.name}.${period}.${page}`;
    const note = { event: 'leaderboards.rewards-failed', board: board.name, period, page };
    const give = async (): Promise<'given'> => {
      await this.rewards.reward({ board: board.name, period, key, players: head.players, entries });
      return 'given';
    };
    try {
      const outcome = await within(this.pageMs, give, () => 'stuck' as const);
      if (outcome === 'stuck') this.log.error({ ...note, reason: `not given within ${this.pageMs} ms` });
      return outcome;
    } catch (error) {
      this.log.error({ ...note, err: error });
      return 'failed';
    }
  }
}
