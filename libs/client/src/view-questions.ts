import { elapsedMs } from './clock.js';
import type { ClientError } from './errors.js';
import { waitOf } from './timer.js';

/** As many rooms as a socket follows. */
const mostAtOnce = 16;

/** A client's questions for views: servers limit those of a player, for whichever room, and more at once would only be refused. */
export class ViewQuestions {
  private underWay = 0;
  private mayAskAt = -Infinity;

  get isOpen(): boolean {
    return this.underWay < mostAtOnce && elapsedMs() >= this.mayAskAt;
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
    }
  }
}
