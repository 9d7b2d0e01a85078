import { createHash } from 'node:crypto';

/** One of those who have most of what is counted. */
export interface FrequentPlayer<T> {
  /** Tells the player from others without the name. */
  player: string;
  /** Never above what was counted of the player, and below it by less than the share of all that {@link FrequentPlayers} is made for. */
  weight: number;
  kept: T;
}

interface Counted<T> {
  weight: number;
  kept: T;
}

/**
 * Counts something by player, such as errors or ms, for those who have the most of it, in bounded space: whoever has more than a share of
 * `1 / mostCounted` of all is among them.
 *
 * Source: R. Berinde, P. Indyk, G. Cormode, M. J. Strauss, "Space-optimal heavy hitters with strong error bounds", ACM TODS 35 (2010), the weighted
 * form of Misra and Gries' algorithm.
 */
export class FrequentPlayers<T = undefined> {
  private readonly byPlayer = new Map<string, Counted<T>>();
  private all = 0;

  /**
   * @param mostCounted players who are counted at a time
   * @param begin makes what is kept of a player beside the count, until the player is no longer counted
   */
  constructor(
    private readonly mostCounted: number,
    private readonly begin: () => T,
  ) {}

  /** @returns what is kept of the player; undefined: nothing, as others have more */
  count(player: string, weight: number): T | undefined {
    this.all += weight;
    const known = this.byPlayer.get(player);
    if (known) {
      known.weight += weight;
      return known.kept;
    }
    const left = this.byPlayer.size < this.mostCounted ? weight : this.makeRoom(weight);
    if (left <= 0) return undefined;
    const kept = this.begin();
    this.byPlayer.set(player, { weight: left, kept });
    return kept;
  }

  /** Those with the most, most first, and without their names. @param least of all, by each of them: from 0 to 1 */
  list(mostListed: number, least = 0): FrequentPlayer<T>[] {
    return [...this.byPlayer]
      .filter(([, { weight }]) => weight >= this.all * least)
      .sort(([, one], [, other]) => other.weight - one.weight)
      .slice(0, mostListed)
      .map(([player, counted]) => ({ player: hashOf(player), ...counted }));
  }

  /** Takes the same from all, until one is forgotten, or `weight` used up. @returns what is left of it */
  private makeRoom(weight: number): number {
    let least = weight;
    for (const counted of this.byPlayer.values()) if (counted.weight < least) least = counted.weight;
    for (const [player, counted] of this.byPlayer) {
      counted.weight -= least;
      if (counted.weight <= 0) this.byPlayer.delete(player);
    }
    return weight - least;
  }
}

function hashOf(player: string): string {
  return createHash('sha256').update(player).digest('base64url').slice(0, 16);
}
