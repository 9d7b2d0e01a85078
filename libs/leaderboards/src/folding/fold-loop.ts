import { isConflict } from '@ccgame/jetstream';
import type { Logger } from '@nestjs/common';
import type { Board } from '../boards/board.js';
import { metrics } from '../metrics.js';
import type { ResultLog } from '../submission/result-log.js';
import { type BoardFolder, RulesDiffer } from './board-folder.js';
import type { ResultsAge, ResultsStreamAge } from './results-age.js';

/** Results that come within this time are counted together. */
const gatherMs = 20;
/** A server that didn't count last leaves this time to the one that did. */
const yieldMs = 250;
/** How often it looks when nothing is heard: a hint may be lost. */
const lookMs = 10_000;
const longestBackOffMs = 30_000;
/** A topic without results is marked so often while others have some: results are kept for much longer. */
const markEveryMs = 3_600_000;

/**
 * Folds one board's results whenever some may have come. The server that counted last goes first; that only
 * spares the others work that would be refused.
 */
export class FoldLoop {
  private heard = 0;
  private countedLast = false;
  /** How often it looked since something was heard. */
  private looks = 0;
  private failures = 0;
  private goneTold = 0;
  private lastMark = '';
  private isClosed = false;
  private endRest?: () => void;
  private readonly running: Promise<void>;

  constructor(
    private readonly folder: BoardFolder,
    private readonly age: ResultsAge,
    private readonly results: Pick<ResultLog, 'mark'>,
    private readonly log: Logger,
  ) {
    this.running = this.run();
  }

  get board(): Board {
    return this.folder.board;
  }

  /** A result may have come. */
  hear(): void {
    this.heard += 1;
    this.looks = 0;
    if (this.failures === 0) this.wake();
  }

  wake(): void {
    this.endRest?.();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.foldAll();
        this.failures = 0;
        // A result that was heard of may not be stored yet: it is looked for soon, and then less and less often.
        if (this.heard === 0) await this.rest(Math.min(lookMs, gatherMs * 2 ** this.looks++));
      } catch (error) {
        await this.backOff(error);
      }
    }
  }

  private async foldAll(): Promise<void> {
    if (!this.countedLast && (await this.isCountedElsewhere())) return;
    if (this.countedLast && this.heard > 0) await pause(gatherMs);
    const age = await this.age.get();
    await this.tellGone(age);
    while (!this.isClosed) {
      const expected = this.heard + 1;
      this.heard = 0;
      const outcome = await this.folder.fold(age, expected);
      if (outcome === 'nothing' && !(await this.folder.passLoss(age))) return this.markQuiet(age);
      this.countedLast = outcome === 'counted';
      if (outcome === 'raced') return;
      if (!this.folder.isBehind) await pause(gatherMs);
    }
  }

  /** Whether another server counts right now: then there is nothing to do until that stops. */
  private async isCountedElsewhere(): Promise<boolean> {
    const before = await this.folder.cursor();
    await pause(yieldMs * (1 + Math.random()));
    const after = await this.folder.cursor();
    this.heard = Math.min(this.heard, 1);
    return after.seq !== before.seq;
  }

  /** Says that results went before this board counted them: nothing else would. */
  private async tellGone({ since, firstSeq }: ResultsStreamAge): Promise<void> {
    if (this.countedLast || firstSeq <= this.goneTold) return;
    this.goneTold = firstSeq;
    const { record } = await this.folder.cursor();
    if (record?.since !== since || record.seq + 1 >= firstSeq) return;
    const gone = { from: record.seq + 1, to: firstSeq - 1 };
    this.log.error({ event: 'leaderboards.results-gone', board: this.board.name, ...gone });
  }

  /**
   * The results of other topics go one day. The cursor of a board that has nothing to count would stay where it is, and look as if its own
   * had gone: so a result without scores moves it on, one an hour and topic whatever number of servers and boards it has.
   */
  private async markQuiet({ since, lastSeq, now }: ResultsStreamAge): Promise<void> {
    const mark = `quiet-${Math.floor(now / markEveryMs)}`;
    if (mark === this.lastMark) return;
    this.lastMark = mark;
    const { record } = await this.folder.cursor();
    if (record?.since !== since || record.seq >= lastSeq) return;
    await this.results.mark(this.board.topic, mark).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
  }

  private async backOff(error: unknown): Promise<void> {
    this.failures += 1;
    this.countedLast = false;
    const restMs = Math.min(longestBackOffMs, 250 * 2 ** this.failures);
    const reason = error instanceof RulesDiffer ? 'rules-differ' : 'not-counted';
    metrics.failures.inc({ board: this.board.name, reason });
    this.log.error({
      event: `leaderboards.${reason}`,
      board: this.board.name,
      retryInMs: restMs,
      err: error,
    });
    await this.rest(restMs);
  }

  private async rest(ms: number): Promise<void> {
    if (this.isClosed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endRest = undefined;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
