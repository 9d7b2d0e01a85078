import { Injectable } from '@nestjs/common';
import { FrequentPlayers } from './frequent-players.js';
import { type RouteTraffic, type Traffic, trafficBuckets } from './traffic.contract.js';

/** A channel has a few versions; more are made up by clients, where there is no release table yet. */
const mostVersions = 64;
/** A version that nobody asked for so long is forgotten: a connector may live through more releases than there is room for, ms. */
const quietForMs = 24 * 3_600_000;
/** Stands for all versions beyond those. */
const otherVersions = 'other';
/** Players whose errors are counted whatever the others do. */
const mostFailing = 64;
/** A server tells of so many of them. */
export const mostFailingListed = 8;
/** Players whose time is counted whatever the others do, and those of them of whom a server tells. */
const mostSlow = 16;
const mostSlowListed = 3;

interface Counted {
  traffic: Omit<RouteTraffic, 'errorsOf' | 'timesOf'>;
  /** Errors by player. */
  failing: FrequentPlayers;
  /** Time by player, ms, with the buckets of the player's requests. */
  slow: FrequentPlayers<number[]>;
}

interface CountedVersion {
  routes: Map<string, Counted>;
  /** When it was counted last, by `performance.now()`. */
  at: number;
}

/** Counts what players meet, by version and route: the release command compares a canary with stable by it. */
@Injectable()
export class TrafficCounter {
  private readonly byVersion = new Map<string, CountedVersion>();

  /**
   * @param route one of a few: each is kept for ever
   * @param status of the answer over HTTP, or the one that its error would have there
   * @param ms how long it took to answer
   * @param player who asked: an id, or an address. Left out: nobody knows
   */
  countRequest(version: string, route: string, status: number, ms: number, player?: string): void {
    const { traffic, failing, slow } = this.countsOf(version, route);
    if (status < 400) {
      const bucket = bucketOf(ms);
      traffic.buckets[bucket] += 1;
      if (player !== undefined) slow.count(player, ms)[bucket] += 1;
      return;
    }
    if (status >= 500) traffic.failed += 1;
    else traffic.refused += 1;
    if (player !== undefined) failing.count(player, 1);
  }

  readCounts(): Pick<Traffic, 'routes'> {
    this.forgetQuiet();
    const counted = [...this.byVersion.values()].flatMap(({ routes }) => [...routes.values()]);
    return {
      routes: counted.map(({ traffic, failing, slow }) => ({
        ...traffic,
        errorsOf: failing.list(mostFailingListed).map(({ player, weight: errors }) => ({ player, errors })),
        timesOf: slow
          .list(mostSlowListed, 1 / mostSlow)
          .map(({ player, kept }) => ({ player, buckets: [...kept] })),
      })),
    };
  }

  private countsOf(asked: string, route: string): Counted {
    const { version, counts } = this.versionOf(asked);
    counts.at = performance.now();
    const known = counts.routes.get(route);
    if (known) return known;
    const counted: Counted = {
      traffic: { version, route, failed: 0, refused: 0, buckets: emptyBuckets() },
      failing: new FrequentPlayers(mostFailing, () => undefined),
      slow: new FrequentPlayers(mostSlow, emptyBuckets),
    };
    counts.routes.set(route, counted);
    return counted;
  }

  private versionOf(asked: string): { version: string; counts: CountedVersion } {
    const known = this.byVersion.get(asked);
    if (known) return { version: asked, counts: known };
    this.forgetQuiet();
    const version = this.byVersion.size < mostVersions ? asked : otherVersions;
    const counts = this.byVersion.get(version) ?? { routes: new Map(), at: 0 };
    this.byVersion.set(version, counts);
    return { version, counts };
  }

  private forgetQuiet(): void {
    const since = performance.now() - quietForMs;
    for (const [version, { at }] of this.byVersion) if (at < since) this.byVersion.delete(version);
  }
}

const emptyBuckets = (): number[] => new Array<number>(trafficBuckets.length + 1).fill(0);

function bucketOf(ms: number): number {
  const bucket = trafficBuckets.findIndex((bound) => ms <= bound);
  return bucket < 0 ? trafficBuckets.length : bucket;
}
