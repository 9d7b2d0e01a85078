import { setImmediate as nextTurn } from 'node:timers/promises';

/** A round that takes longer is not waited for, ms: NATS stores a large batch meanwhile, or is away. */
const patienceMs = 4;
/** A partition with so many inputs fills messages of its own. */
const fullAt = 32;

interface Round {
  /** Flushes that are not done yet. */
  left: number;
}

/**
 * Has the partitions of a server write at the same time, and again when all of them have their acks (decision 399). Each by itself would
 * write as soon as it has its own: with few calls under way that is a system call, a read of NATS and an answer for nearly every input.
 */
export class FlushRounds {
  private waiting: ((round: Round) => void)[] = [];
  private newest: Round = { left: 0 };
  private isBegun = false;
  private timer?: NodeJS.Timeout;

  /**
   * Runs a flush with the next round; with so many inputs that it gains nothing by that, or where somebody stands still until it is done, at
   * the next turn of the event loop.
   *
   * @returns when it is done
   */
  async flushInRound(flush: () => Promise<void>, inputs: number): Promise<void> {
    if (inputs >= fullAt) {
      await nextTurn();
      return flush();
    }
    const round = await new Promise<Round>((tellRound) => {
      this.waiting.push(tellRound);
      this.beginSoon();
    });
    try {
      await flush();
    } finally {
      round.left -= 1;
      if (round === this.newest) this.beginSoon();
    }
  }

  private beginSoon(): void {
    if (this.isBegun || this.waiting.length === 0) return;
    if (this.newest.left > 0) {
      this.timer ??= setTimeout(() => this.beginRound(), patienceMs);
      return;
    }
    this.isBegun = true;
    setImmediate(() => this.beginRound());
  }

  private beginRound(): void {
    this.isBegun = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    const round = { left: this.waiting.length };
    this.newest = round;
    for (const tellRound of this.waiting.splice(0)) tellRound(round);
  }
}
