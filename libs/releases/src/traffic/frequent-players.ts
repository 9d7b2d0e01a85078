import { createHash } from 'node:crypto';

/** One of those who have most of what is counted. */
export interface FrequentPlayer<T> {
  /** Tells the player from others without the name. */
  player: string;
  /** Never above what was counted of the player, and below it by less than the share of all that {@link FrequentPlayers} is made for. */
  weight: number;
  kept: T;
}

/**
 * There is so much room for each player who is counted for sure: those who are taken out are many at a time, so that a request of a player who is
 * not known costs no more than others.
 */
const roomForEach = 4;

interface Counted<T> {
  weight: number;
  kept: T;
}

/**
 * Counts something by player, such as errors or ms, for those who have the most of it, in bounded space: whoever has more than a share of
 * `1 / mostCounted` of all is among them.
 *
 * Source: R. Berinde, P. Indyk, G. Cormode, M. J. Strauss, "Space-optimal heavy hitters with strong error bounds", ACM TODS 35 (2010), the weighted
 * form of Misra and Gries' algorithm, and D. Anderson and others, "A high-performance algorithm for identifying frequent items in data streams",
 * IMC (2017), for making room for many at a time.
 */
export class FrequentPlayers<T = undefined> {
  private readonly byPlayer = new Map<string, Counted<T>>();
  private all = 0;

  /**
   * @param mostCounted players who are counted whatever the others do
   * @param begin makes what is kept of a player beside the count, until the player is no longer counted
   */
  constructor(
    private readonly mostCounted: number,
    private readonly begin: () => T,
  ) {}

  /** @returns what is kept of the player, as long as others don't have more */
  count(player: string, weight: number): T {
    this.all += weight;
    const known = this.byPlayer.get(player);
    if (known) {
      known.weight += weight;
      return known.kept;
    }
    if (this.byPlayer.size >= this.mostCounted * roomForEach) this.makeRoom();
    const kept = this.begin();
    this.byPlayer.set(player, { weight, kept });
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

  /** Takes from each as much as the first one has that is too many: that one, and all who have no more, are forgotten. */
  private makeRoom(): void {
    const weights = Float64Array.from(this.byPlayer.values(), ({ weight }) => weight).sort();
    const taken = weights.at(-this.mostCounted - 1) ?? 0;
    for (const [player, counted] of this.byPlayer) {
      counted.weight -= taken;
      if (counted.weight <= 0) this.byPlayer.delete(player);
    }
  }
}

function hashOf(player: string): string {
  return createHash('sha256').update(player).digest('base64url').slice(0, 16);
}
