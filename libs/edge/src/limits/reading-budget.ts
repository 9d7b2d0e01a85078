import { Config } from '@ccgame/config';
import { TokenBucket } from './token-bucket.js';

/** Microseconds of a core: for heartbeats and the like, and for each message that the session may send; one of 4 KB costs 50. */
const perSecond = 2_000 + 50 * Config.SESSION_RATE;
const burst = 5_000 + 50 * Config.SESSION_BURST;
/** A client that goes on over its budget is held back for so long, ms, and then cut off. */
const patienceMs = 5_000;
/** Where the budget is used up, a little is read so often, ms. */
const holdMs = 20;

/** The budget of one player for all that is read of the player's connections: a new connection has what the one before has left. */
export class ReadingBudget {
  private readonly bucket = new TokenBucket(perSecond, burst);
  private overSince: number | undefined = undefined;

  /** @param cost in microseconds of a core */
  spend(cost: number): void {
    this.bucket.spendAhead(cost);
  }

  /** `over`: nothing more is to be read. A number: after so many ms. */
  pace(now: number): 'go' | 'over' | number {
    const level = this.bucket.level(now);
    if (level > 0) {
      if (level > 0.5) this.overSince = undefined;
      return 'go';
    }
    this.overSince ??= now;
    return now - this.overSince > patienceMs ? 'over' : holdMs;
  }

  /** The share of the burst that is there. */
  level(now: number): number {
    return this.bucket.level(now);
  }
}
