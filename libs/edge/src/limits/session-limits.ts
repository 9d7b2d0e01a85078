import { Config } from '@ccgame/config';
import { routeLimits } from '../../../../game/src/route-limits.js';
import { TokenBucket } from './token-bucket.js';

/** Messages over the limit that are answered, at once and then a second; who sends on is disconnected. */
const refusalBurst = 100;
const refusalRate = 10;

/** What one player may send. */
export class SessionLimits {
  private readonly all = new TokenBucket(Config.SESSION_RATE, Config.SESSION_BURST);
  private routes?: Map<string, TokenBucket>;
  private refusals?: TokenBucket;

  /** Counts a message of a route. 0: it may pass; else how long the player has to wait, ms. */
  take(route: unknown): number {
    const now = performance.now();
    return this.all.take(now) || (this.ofRoute(route)?.take(now) ?? 0);
  }

  /** Counts a message that was refused for its own fault. False: it was one too many. */
  bears(): boolean {
    this.refusals ??= new TokenBucket(refusalRate, refusalBurst);
    return this.refusals.take() === 0;
  }

  private ofRoute(route: unknown): TokenBucket | undefined {
    const limit = typeof route === 'string' && Object.hasOwn(routeLimits, route) && routeLimits[route];
    if (!limit) return undefined;
    this.routes ??= new Map();
    const bucket = this.routes.get(route) ?? new TokenBucket(limit.perSecond, limit.burst);
    this.routes.set(route, bucket);
    return bucket;
  }
}
