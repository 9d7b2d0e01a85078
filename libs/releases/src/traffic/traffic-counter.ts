import { Injectable } from '@nestjs/common';
import { type RouteTraffic, type Traffic, trafficBuckets } from './traffic.contract.js';

/** A channel has a few versions; more are made up by clients, where there is no release table yet. */
const mostVersions = 64;
/** Stands for all versions beyond those. */
const otherVersions = 'other';

/** Counts what players meet, by version and route: the release command compares a canary with stable by it. */
@Injectable()
export class TrafficCounter {
  private readonly byVersion = new Map<string, Map<string, RouteTraffic>>();

  /**
   * @param route one of a few: each is kept for ever
   * @param status of the answer over HTTP, or the one that its error would have there
   * @param ms how long it took to answer
   */
  countRequest(version: string, route: string, status: number, ms: number): void {
    const traffic = this.countsOf(version, route);
    if (status >= 500) traffic.failed += 1;
    else if (status >= 400) traffic.refused += 1;
    else traffic.buckets[bucketOf(ms)] += 1;
  }

  readCounts(): Pick<Traffic, 'routes'> {
    return { routes: [...this.byVersion.values()].flatMap((routes) => [...routes.values()]) };
  }

  private countsOf(asked: string, route: string): RouteTraffic {
    const isKept = this.byVersion.has(asked) || this.byVersion.size < mostVersions;
    const version = isKept ? asked : otherVersions;
    const routes = this.byVersion.get(version) ?? new Map<string, RouteTraffic>();
    const known = routes.get(route);
    if (known) return known;
    const buckets = new Array<number>(trafficBuckets.length + 1).fill(0);
    const traffic = { version, route, failed: 0, refused: 0, buckets };
    this.byVersion.set(version, routes.set(route, traffic));
    return traffic;
  }
}

function bucketOf(ms: number): number {
  const bucket = trafficBuckets.findIndex((bound) => ms <= bound);
  return bucket < 0 ? trafficBuckets.length : bucket;
}
