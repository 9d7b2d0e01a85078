import { createHash } from 'node:crypto';
import type { PlayerErrors } from './traffic.contract.js';

/** Players who are counted at a time. */
const mostCounted = 64;
/** A server tells of so many. */
export const mostListed = 8;

/**
 * Counts errors by player, for those who meet the most of them, in bounded space: a count is never above the player's errors, and below them by
 * less than a 64th of all.
 *
 * Source: J. Misra, D. Gries, "Finding repeated elements", Science of Computer Programming 2 (1982).
 */
export class FrequentPlayers {
  private readonly counts = new Map<string, number>();

  countError(player: string): void {
    const count = this.counts.get(player);
    if (count !== undefined || this.counts.size < mostCounted)
      return void this.counts.set(player, (count ?? 0) + 1);
    for (const [one, errors] of this.counts) {
      if (errors > 1) this.counts.set(one, errors - 1);
      else this.counts.delete(one);
    }
  }

  /** Those with the most, most first, and without their names. */
  list(): PlayerErrors[] {
    return [...this.counts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, mostListed)
      .map(([player, errors]) => ({ player: hashOf(player), errors }));
  }
}

/** Tells a player from others without the name. */
export function hashOf(player: string): string {
  return createHash('sha256').update(player).digest('base64url').slice(0, 16);
}
