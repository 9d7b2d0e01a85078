import { Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { TokenBucket } from './token-bucket.js';

/** A client with a bad network comes back often for a while; nobody needs more than one session a second for long. */
const perSecond = 1;
const burst = 20;
/** By then a bucket is full again, and need not be kept. */
const fullAfterMs = (burst / perSecond) * 1_000;

interface Spent {
  bucket: TokenBucket;
  at: number;
}

/** The budget of each player's handshakes with this connector: each costs a claim in NATS, though its connection is well within its own. */
@Injectable()
export class PlayerHandshakes {
  /** The one that was used longest ago comes first. */
  private readonly byPlayer = new Map<string, Spent>();

  /** @throws RpcError RATE_LIMITED with the time until the next */
  spendHandshake(playerId: string, now = performance.now()): void {
    for (const [oldest, { at }] of this.byPlayer) {
      if (now - at < fullAfterMs) break;
      this.byPlayer.delete(oldest);
    }
    const spent = this.byPlayer.get(playerId) ?? { bucket: new TokenBucket(perSecond, burst, now), at: now };
    const retryAfterMs = spent.bucket.spend(now);
    if (retryAfterMs > 0) throw GameErrors.RATE_LIMITED({ retryAfterMs });
    spent.at = now;
    this.byPlayer.delete(playerId);
    this.byPlayer.set(playerId, spent);
  }

  /** Players who have used some of theirs. */
  get playerCount(): number {
    return this.byPlayer.size;
  }
}
