import { Injectable } from '@nestjs/common';
import { FrequentPlayers } from './frequent-players.js';
import { SlowPlayers } from './slow-players.js';
import { type RouteTraffic, type Traffic, trafficBuckets } from './traffic.contract.js';

/** A channel has a few versions; more are made up by clients, where there is no release table yet. */
const mostVersions = 64;
/** Stands for all versions beyond those. */
const otherVersions = 'other';

interface Counted {
  traffic: Omit<RouteTraffic, 'errorsOf' | 'timesOf'>;
  failing: FrequentPlayers;
  slow: SlowPlayers;
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
      if (player !== undefined) slow.countRequest(player, ms, bucket);
      return;
    }
    if (status >= 500) traffic.failed += 1;
    else traffic.refused += 1;
    if (player !== undefined) failing.countError(player);
  }

  readCounts(): Pick<Traffic, 'routes'> {
    const counted = [...this.byVersion.values()].flatMap((routes) => [...routes.values()]);
    return {
      routes: counted.map(({ traffic, failing, slow }) => ({
        ...traffic,
        errorsOf: failing.list(),
        timesOf: slow.list(),
      })),
    };
  }

  private countsOf(asked: string, route: string): Counted {
    const isKept = this.byVersion.has(asked) || this.byVersion.size < mostVersions;
    const version = isKept ? asked : otherVersions;
    const routes = this.byVersion.get(version) ?? new Map<string, Counted>();
    const known = routes.get(route);
    if (known) return known;
    const buckets = new Array<number>(trafficBuckets.length + 1).fill(0);
    const traffic = { version, route, failed: 0, refused: 0, buckets };
    const counted = { traffic, failing: new FrequentPlayers(), slow: new SlowPlayers() };
    this.byVersion.set(version, routes.set(route, counted));
    return counted;
  }
}

function bucketOf(ms: number): number {
  const bucket = trafficBuckets.findIndex((bound) => ms <= bound);
  return bucket < 0 ? trafficBuckets.length : bucket;
}
