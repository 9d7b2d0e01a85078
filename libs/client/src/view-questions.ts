import { elapsedMs } from './clock.js';
import type { ClientError } from './errors.js';
import { waitOf } from './timer.js';

/** As many rooms as a socket follows. */
const mostAtOnce = 16;

/** A client's questions for views: servers limit those of a player, for whichever room, and more at once would only be refused. */
export class ViewQuestions {
  private underWay = 0;
  private mayAskAt = -Infinity;
  /** Those who want to ask, in their order: one whose question failed comes behind those who have not asked yet. */
  private readonly waiting = new Set<() => void>();

  /** @param begin asks when its turn comes, which may be at once, if that is wanted still; the same function has one place in the line */
  queue(begin: () => void): void {
    this.waiting.add(begin);
    this.beginNext();
  }

  /** @throws ClientError what `ask` throws */
  async ask<T>(ask: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await ask();
    } catch (error) {
      const { code, retryAfterMs } = error as ClientError;
      if (code === 'RATE_LIMITED') this.mayAskAt = elapsedMs() + waitOf(retryAfterMs);
      throw error;
    } finally {
      this.underWay -= 1;
      this.beginNext();
    }
  }

  private beginNext(): void {
    for (const begin of this.waiting) {
      if (this.underWay >= mostAtOnce || elapsedMs() < this.mayAskAt) return;
      this.waiting.delete(begin);
      begin();
    }
  }
}
