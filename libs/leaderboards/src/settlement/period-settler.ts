import { Injectable } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { isConflict } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import type { PeriodRecord, SettledRecord } from '../store/records.js';
import { periodSubject, scoresStream, scoreSubject } from '../store/streams.js';
import { Archive } from './archive.js';
import { ArchiveWriter } from './archive-writer.js';
import { PeriodScores } from './period-scores.js';
import { RewardGiver } from './reward-giver.js';

const tries = 20;
const retryMs = 250;

/**
 * Settles one period that is over: into the archive, out of the stream that servers follow; and gives its rewards. Each step
 * bears being done twice.
 */
@Injectable()
export class PeriodSettler {
  constructor(
    private readonly store: LeaderboardStore,
    private readonly archive: Archive,
    private readonly scores: PeriodScores,
    private readonly writer: ArchiveWriter,
    private readonly rewards: RewardGiver,
  ) {}

  /**
   * @throws NotRead, NotStored, the JetStream API's error; RpcError BUSY where others write to the period for seconds; Error, once, where
   *   the period is gone before its rewards were given
   */
  async settle(board: Board, period: string): Promise<SettledRecord> {
    const head = await this.archivePeriod(board, period);
    await this.store.purge(scoresStream.name, scoreSubject(board.name, period, '*'));
    await this.writer.keep(board, period, head);
    return head;
  }

  /**
   * Gives the rewards of a period that {@link settle} has settled.
   *
   * @returns the pages whose rewards failed
   * @throws NotRead, NotStored, the JetStream API's error; RpcError BUSY where others write to the period
   */
  async reward(board: Board, period: string, head: SettledRecord): Promise<number[]> {
    const failedPages = await this.rewards.give(board, period, head);
    // The last step: until then, the next run finds the period and goes on.
    if (failedPages.length === 0)
      await this.store.purge(scoresStream.name, periodSubject(board.name, period));
    return failedPages;
  }

  /** @returns the head that stands, whoever wrote it */
  private async archivePeriod(board: Board, period: string): Promise<SettledRecord> {
    for (let attempt = 1; ; attempt++) {
      const head = (await this.archive.head(board, period)) ?? (await this.writeSettled(board, period));
      if (head) return head;
      if (attempt === tries) {
        await this.endIfGone(board, period);
        throw new RpcError('BUSY', {
          retryable: true,
          message: 'The period can not be closed, or its scores not be read to the last one',
        });
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** No job ran for as long as a settled period is kept, while rewards were to be given: nothing is left to give them by. */
  private async endIfGone(board: Board, period: string): Promise<void> {
    const subject = periodSubject(board.name, period);
    const { record } = await this.store.read<PeriodRecord>(scoresStream.name, subject);
    const { now } = await this.store.times(scoresStream.name);
    const isKept = now - (record?.endsAt ?? now) < board.keepDays * 86_400_000;
    if (!record?.isClosed || isKept || !(await this.scores.areGone(board, period))) return;
    await this.store.purge(scoresStream.name, subject);
    throw new Error(
      'The settled period was not kept for longer, and is gone before all its rewards were given',
    );
  }

  /** Undefined: it can't be written now, or another job has just done so. */
  private async writeSettled(board: Board, period: string): Promise<SettledRecord | undefined> {
    const record = await this.close(board, period);
    const scores = record && (await this.scores.read(board, period, record.lastSeq));
    return scores && this.writer.write(board, period, record, scores);
  }

  /** By compare-and-set, so that what was read of the period is the last that was written. Undefined: another wrote first. */
  private async close(board: Board, period: string): Promise<PeriodRecord | undefined> {
    const subject = periodSubject(board.name, period);
    const { record, seq } = await this.store.read<PeriodRecord>(scoresStream.name, subject);
    if (!record || record.isClosed) return record;
    const closed: PeriodRecord = { ...record, isClosed: true };
    try {
      await this.store.write([{ subject, payload: JSON.stringify(closed), expected: seq }]);
      return closed;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }
}
