import { writtenRecord } from '@ccgame/jetstream';
import { errorText } from '@ccgame/config';
import { invalid } from '@ccgame/rpc';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { nuid } from '@nats-io/nats-core';
import { type Board, boardNamed, BOARDS } from '../boards/boards.js';
import { type Period, startOf } from '../boards/periods.js';
import { BoardFolder } from '../folding/board-folder.js';
import { ResultsAge } from '../folding/results-age.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { readEnd } from '../store/read-records.js';
import { periodOf, type SettledRecord } from '../store/records.js';
import { periodSubject, scoresStream } from '../store/streams.js';
import { ResultLog } from '../submission/result-log.js';
import { PeriodSettler } from './period-settler.js';
import type { SettleReport } from './settle-report.js';

/** Which periods are settled; all that are over when empty. */
export interface SettleOptions {
  /** This board alone. */
  board?: string;
  /** This period alone, by its name. */
  period?: string;
}

/** A period that this run settled, and whose rewards it gives then. */
interface Settled {
  board: Board;
  period: string;
  head: SettledRecord;
}

const retryMs = 50;
const stuckMs = 60_000;

/**
 * Settles every period that is over and has scores, however long ago it ended. It may run twice, or at two places at once.
 */
@Injectable()
export class SettlementService {
  private readonly log = new Logger('leaderboards');

  constructor(
    @Inject(BOARDS) private readonly boards: readonly Board[],
    private readonly store: LeaderboardStore,
    private readonly results: ResultLog,
    private readonly age: ResultsAge,
    private readonly settler: PeriodSettler,
  ) {}

  /** @throws RpcError NOT_FOUND for a board, INVALID for a period that there can't be */
  async settle({ board: only, period }: SettleOptions = {}): Promise<SettleReport> {
    const boards = only === undefined ? this.boards : [boardNamed(this.boards, only)];
    if (period !== undefined && startOf(period) === undefined)
      throw invalid([
        { field: 'period', rule: 'the name of a period of the board, such as 20261128T000000Z' },
      ]);
    const report: SettleReport = { settled: [], skipped: [], failed: [] };
    const settled: Settled[] = [];
    for (const board of boards) {
      await this.settleBoard(board, period, report, settled).catch((error: unknown) => {
        this.log.error({ event: 'leaderboards.not-settled', board: board.name, err: error });
        report.failed.push({ board: board.name, reason: errorText(error) });
      });
    }
    // Afterwards: the game's own code gives them, which may take long.
    for (const one of settled) await this.giveRewards(one, report);
    return report;
  }

  private async settleBoard(
    board: Board,
    only: string | undefined,
    report: SettleReport,
    settled: Settled[],
  ): Promise<void> {
    const { name } = board;
    if (board.periods.isEndless) return void report.skipped.push({ board: name, reason: 'is never reset' });
    const current = await this.closePeriods(board);
    const open = await this.openPeriods(name);
    const wanted = only === undefined ? [...open.keys()].sort() : [only];
    for (const period of wanted) {
      const endsAt = open.get(period);
      if (endsAt === undefined)
        report.skipped.push({ board: name, period, reason: 'is settled already, or nobody played' });
      else if (endsAt > current.startsAt) report.skipped.push({ board: name, period, reason: 'is not over' });
      else await this.settlePeriod(board, period, report, settled);
    }
    if (wanted.length === 0) report.skipped.push({ board: name, reason: 'has nothing to settle' });
  }

  private async settlePeriod(
    board: Board,
    period: string,
    report: SettleReport,
    settled: Settled[],
  ): Promise<void> {
    const note = { board: board.name, period };
    try {
      const head = await this.settler.settle(board, period);
      this.log.log({ event: 'leaderboards.settled', ...note, players: head.players });
      report.settled.push({ ...note, players: head.players });
      settled.push({ board, period, head });
    } catch (error) {
      this.tellFailed(report, note, error);
    }
  }

  private async giveRewards({ board, period, head }: Settled, report: SettleReport): Promise<void> {
    const note = { board: board.name, period };
    try {
      const failedPages = await this.settler.reward(board, period, head);
      if (failedPages.length > 0)
        report.failed.push({ ...note, reason: `rewards failed of the pages ${failedPages.join(', ')}` });
    } catch (error) {
      this.tellFailed(report, note, error);
    }
  }

  private tellFailed(
    { failed }: SettleReport,
    note: { board: string; period: string },
    error: unknown,
  ): void {
    this.log.error({ event: 'leaderboards.not-settled', ...note, err: error });
    failed.push({ ...note, reason: errorText(error) });
  }

  /**
   * Counts everything that was submitted until now: a mark is stored behind all of it, and when the mark is counted, so is
   * all before. The mark's own time moves the board on to the period that runs.
   *
   * @returns the period that runs
   * @throws Error when nothing was counted for a minute, as the store is full or the mark is gone: the next run goes on
   */
  private async closePeriods(board: Board): Promise<Period> {
    const mark = await this.results.mark(board.topic, `settle-${nuid.next()}`);
    const folder = new BoardFolder(board, this.store);
    let counted = { seq: -1, at: performance.now() };
    while (performance.now() - counted.at < stuckMs) {
      const age = await this.age.get();
      const outcome = await folder.fold(age);
      if (outcome !== 'counted') await new Promise((resolve) => setTimeout(resolve, retryMs));
      const { record, seq } = await folder.cursor();
      if (record && record.since === age.since && record.seq >= mark) return periodOf(record);
      if (seq !== counted.seq) counted = { seq, at: performance.now() };
    }
    throw new Error(`The results of ${board.name} are not counted up to the mark ${mark}`);
  }

  /**
   * The periods that aren't settled, and when each ends. That stands in its record: the board may have another reset by now.
   * One that has no end there, or that can't be read, is over when the next one runs.
   */
  private async openPeriods(board: string): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    await this.store.each(scoresStream.name, periodSubject(board, '*'), (message) => {
      const name = message.subject.split('.').at(-1) as string;
      if (writtenRecord(message)) ends.set(name, readEnd(message) ?? (startOf(name) ?? 0) + 1);
    });
    return ends;
  }
}
