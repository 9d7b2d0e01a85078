import { setImmediate as nextTurn } from 'node:timers/promises';

/** A round that takes longer is not waited for, ms: NATS stores a large batch meanwhile, or is away. */
const patienceMs = 4;
/** Where all that is to be stored may wait for more, a round begins so long after the one before, ms (decision 433). */
const gatherMs = 10;
/** A partition with so many inputs fills messages of its own. */
export const fullAt = 32;

interface Round {
  /** By `performance.now()`. */
  begunAt: number;
  /** Flushes that are not done yet. */
  left: number;
}

/**
 * Has the partitions of a server write at the same time, and again when all of them have their acks (decision 399). Each by itself would
 * write as soon as it has its own: with few calls under way that is a system call, a read of NATS and an answer for nearly every input.
 */
export class FlushRounds {
  private waiting: ((round: Round) => void)[] = [];
  private newest: Round = { begunAt: -Infinity, left: 0 };
  private isBegun = false;
  /** The next round has more than what may wait. */
  private isHurried = false;
  private timer?: NodeJS.Timeout;
  /** When it goes off, by `performance.now()`. */
  private timerAt = Infinity;

  /**
   * Runs a flush with the next round; with so many inputs that it gains nothing by that, or where somebody stands still until it is done, at
   * the next turn of the event loop.
   *
   * @param mayWait nobody notices when others come to be stored with it
   * @returns when it is done
   */
  async flushInRound(flush: () => Promise<void>, inputs: number, mayWait = false): Promise<void> {
    if (inputs >= fullAt) {
      await nextTurn();
      return flush();
    }
    const round = await new Promise<Round>((tellRound) => {
      this.waiting.push(tellRound);
      this.isHurried ||= !mayWait;
      this.beginSoon();
    });
    try {
      await flush();
    } finally {
      round.left -= 1;
      if (round === this.newest) this.beginSoon();
    }
  }

  /** Those that wait for the next round may wait no longer. */
  hurry(): void {
    if (this.waiting.length === 0) return;
    this.isHurried = true;
    this.beginSoon();
  }

  private beginSoon(): void {
    if (this.isBegun || this.waiting.length === 0) return;
    const { left, begunAt } = this.newest;
    const patience = left > 0 ? patienceMs : 0;
    const waitMs = this.isHurried ? patience : begunAt + gatherMs - performance.now();
    if (waitMs > 0) return this.beginWithin(waitMs);
    this.isBegun = true;
    setImmediate(() => this.beginRound());
  }

  private beginWithin(ms: number): void {
    const at = performance.now() + ms;
    if (at >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => this.beginRound(), ms);
  }

  private beginRound(): void {
    this.isBegun = false;
    this.isHurried = false;
    clearTimeout(this.timer);
    this.timerAt = Infinity;
    if (this.waiting.length === 0) return;
    const round = { begunAt: performance.now(), left: this.waiting.length };
    this.newest = round;
    for (const tellRound of this.waiting.splice(0)) tellRound(round);
  }
}
