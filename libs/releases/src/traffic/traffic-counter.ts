import { Injectable } from '@nestjs/common';
import { FrequentPlayers } from './frequent-players.js';
import { type RouteTraffic, type Traffic, trafficBuckets } from './traffic.contract.js';

/** A channel has a few versions; more are made up by clients, where there is no release table yet. */
const mostVersions = 64;
/** Stands for all versions beyond those. */
const otherVersions = 'other';
/** Players whose errors are counted at a time. */
const mostFailing = 64;
/** A server tells of so many of them. */
export const mostFailingListed = 8;
/** Players whose time is counted at a time, and those of them of whom a server tells. */
const mostSlow = 16;
const mostSlowListed = 3;

interface Counted {
  traffic: Omit<RouteTraffic, 'errorsOf' | 'timesOf'>;
  /** Errors by player. */
  failing: FrequentPlayers;
  /** Time by player, ms, with the buckets of the player's requests. */
  slow: FrequentPlayers<number[]>;
}

/** Counts what players meet, by version and route: the release command compares a canary with stable by it. */
@Injectable()
export class TrafficCounter {
  private readonly byVersion = new Map<string, Map<string, Counted>>();

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
      const buckets = player === undefined ? undefined : slow.count(player, ms);
      if (buckets) buckets[bucket] += 1;
      return;
    }
    if (status >= 500) traffic.failed += 1;
    else traffic.refused += 1;
    if (player !== undefined) failing.count(player, 1);
  }

  readCounts(): Pick<Traffic, 'routes'> {
    const counted = [...this.byVersion.values()].flatMap((routes) => [...routes.values()]);
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
    const isKept = this.byVersion.has(asked) || this.byVersion.size < mostVersions;
    const version = isKept ? asked : otherVersions;
    const routes = this.byVersion.get(version) ?? new Map<string, Counted>();
    const known = routes.get(route);
    if (known) return known;
    const counted: Counted = {
      traffic: { version, route, failed: 0, refused: 0, buckets: emptyBuckets() },
      failing: new FrequentPlayers(mostFailing, () => undefined),
      slow: new FrequentPlayers(mostSlow, emptyBuckets),
    };
    this.byVersion.set(version, routes.set(route, counted));
    return counted;
  }
}

const emptyBuckets = (): number[] => new Array<number>(trafficBuckets.length + 1).fill(0);

function bucketOf(ms: number): number {
  const bucket = trafficBuckets.findIndex((bound) => ms <= bound);
  return bucket < 0 ? trafficBuckets.length : bucket;
}
