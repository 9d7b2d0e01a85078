import { hashOf } from './frequent-players.js';
import { type PlayerTimes, trafficBuckets } from './traffic.contract.js';

/** Players who are counted at a time. */
const mostCounted = 16;
/** A server tells of so many. */
const mostListed = 3;

interface Times {
  /** The time of the player's requests together, too low by less than a 16th of all players' time. */
  ms: number;
  buckets: number[];
}

/**
 * Keeps how long the requests of those players took that take the most time together, in bounded space: whoever has more than a 16th of all time
 * is among them.
 *
 * Source: R. Berinde, P. Indyk, G. Cormode, M. J. Strauss, "Space-optimal heavy hitters with strong error bounds", ACM TODS 35 (2010), the weighted
 * form of Misra and Gries' algorithm.
 */
export class SlowPlayers {
  private readonly byPlayer = new Map<string, Times>();
  private all = 0;

  /** @param bucket of {@link trafficBuckets}, the one that `ms` is in */
  countRequest(player: string, ms: number, bucket: number): void {
    this.all += ms;
    const known = this.byPlayer.get(player);
    if (known) {
      known.ms += ms;
      known.buckets[bucket] += 1;
      return;
    }
    const left = this.byPlayer.size < mostCounted ? ms : this.makeRoom(ms);
    if (left <= 0) return;
    const buckets = new Array<number>(trafficBuckets.length + 1).fill(0);
    buckets[bucket] = 1;
    this.byPlayer.set(player, { ms: left, buckets });
  }

  /** Those with the most time, most first, and without their names. */
  list(): PlayerTimes[] {
    return [...this.byPlayer]
      .filter(([, { ms }]) => ms * mostCounted >= this.all)
      .sort(([, one], [, other]) => other.ms - one.ms)
      .slice(0, mostListed)
      .map(([player, { buckets }]) => ({ player: hashOf(player), buckets: [...buckets] }));
  }

  /** Takes the same time from all, until one is forgotten, or `ms` used up. Returns what is left of it. */
  private makeRoom(ms: number): number {
    let least = ms;
    for (const times of this.byPlayer.values()) if (times.ms < least) least = times.ms;
    for (const [player, times] of this.byPlayer) {
      times.ms -= least;
      if (times.ms <= 0) this.byPlayer.delete(player);
    }
    return ms - least;
  }
}
