import { Config } from '@ccgame/config';
import type { PlayerRoutes } from '../routes/player-routes.js';
import { ReadingBudget } from './reading-budget.js';
import { TokenBucket } from './token-bucket.js';

/** Messages over the limit that are answered, at once and then a second; a player who sends on is disconnected. */
const refusalBurst = 100;
const refusalRate = 10;

/** The limits of one player, on whichever of the player's sockets: of messages, and of all that is read. */
export class SessionLimits {
  readonly reading = new ReadingBudget();
  /** Made with the first message. */
  private all?: TokenBucket;
  private routes?: Map<string, TokenBucket>;
  private refusals?: TokenBucket;

  constructor(private readonly playerRoutes: PlayerRoutes) {}

  /** Counts a message. 0: it may pass; else how long the player has to wait, ms. */
  spendMessage(): number {
    this.all ??= new TokenBucket(Config.SESSION_RATE, Config.SESSION_BURST);
    return this.all.spend();
  }

  /** Counts a message of a route, which is one of all already. 0: it may pass; else how long the player has to wait, ms. */
  spendRoute(route: unknown, data: unknown): number {
    return this.ofRoute(route, data)?.spend() ?? 0;
  }

  /** Counts a message that was refused for its own fault. False: it was one too many. */
  spendRefusal(): boolean {
    this.refusals ??= new TokenBucket(refusalRate, refusalBurst);
    return this.refusals.spend() === 0;
  }

  /** Nothing of them is used: new ones are as good. */
  get areFull(): boolean {
    const now = performance.now();
    const buckets = [this.reading, this.all, this.refusals, ...(this.routes?.values() ?? [])];
    return buckets.every((bucket) => bucket === undefined || bucket.level(now) >= 1);
  }

  private ofRoute(route: unknown, data: unknown): TokenBucket | undefined {
    const limit = this.playerRoutes.limitOf(route, data);
    if (!limit || typeof route !== 'string') return undefined;
    this.routes ??= new Map();
    const bucket = this.routes.get(route) ?? new TokenBucket(limit.perSecond, limit.burst);
    this.routes.set(route, bucket);
    return bucket;
  }
}
