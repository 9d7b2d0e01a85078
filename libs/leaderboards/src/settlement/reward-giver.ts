import { type ExpectingMessage, isConflict } from '@ccgame/jetstream';
import { Injectable, Logger } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { RewardsRecord, SettledRecord } from '../store/records.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { Archive } from './archive.js';
import { rewardsPart } from './archive-parts.js';
import { LeaderboardRewards } from './rewards.js';

const secondsPerDay = 86_400;

/** Gives the rewards of a settled period page by page, and writes down how far it is. */
@Injectable()
export class RewardGiver {
  private readonly log = new Logger('leaderboards');

  constructor(
    private readonly store: LeaderboardStore,
    private readonly archive: Archive,
    private readonly rewards: LeaderboardRewards,
  ) {}

  /** Gives what isn't given yet. @returns the pages whose rewards failed: the next run tries them again @throws NotRead, NotStored */
  async give(board: Board, period: string, head: SettledRecord): Promise<number[]> {
    const subject = settledSubject(board.name, period, rewardsPart);
    const stands = await this.store.read<RewardsRecord>(settledStream.name, subject);
    const { nextPage, failedPages } = stands.record ?? { nextPage: 0, failedPages: [] };
    const pages = Math.ceil(head.players / head.pageSize);
    const left = Array.from({ length: pages - nextPage }, (_, index) => nextPage + index);
    const failed = new Set(failedPages);
    const ttlSeconds = Math.ceil(board.keepDays * secondsPerDay);
    let expected = stands.seq;
    for (const page of [...failedPages, ...left]) {
      if (await this.givePage(board, period, head, page)) failed.delete(page);
      else failed.add(page);
      const record: RewardsRecord = { nextPage: Math.max(nextPage, page + 1), failedPages: [...failed] };
      const written = await this.writeGrant({
        subject,
        payload: JSON.stringify(record),
        expected,
        ttlSeconds,
      });
      // Another job gives them as well: what it wrote counts.
      if (written === undefined) return this.give(board, period, head);
      expected = written;
    }
    return [...failed];
  }

  /** Undefined: another job wrote first. */
  private async writeGrant(message: ExpectingMessage): Promise<number | undefined> {
    try {
      return await this.store.write([message]);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  private async givePage(board: Board, period: string, head: SettledRecord, page: number): Promise<boolean> {
    const entries = await this.archive.entries(board, period, head, page * head.pageSize, head.pageSize);
    const key = `${board.name}.${period}.${page}`;
    try {
      await this.rewards.reward({ board: board.name, period, key, players: head.players, entries });
      return true;
    } catch (error) {
      this.log.error({ event: 'leaderboards.rewards-failed', board: board.name, period, page, err: error });
      return false;
    }
  }
}
