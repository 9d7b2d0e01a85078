import { mostFailingListed, type RouteTraffic, type Traffic, trafficHandler } from '@ccgame/releases';
import { callRolls, type Roster, type SilentServer } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { sum } from './statistics.js';

/** The counts of each server since it started, by its id. */
export type TrafficSurvey = Map<string, Traffic>;

/** Requests of one version on one route. */
export interface Sample {
  failed: number;
  refused: number;
  /** Those that got no error, by duration: see `trafficBuckets`. */
  buckets: number[];
  /** The errors of the player who met the most of them, as far as the servers know. Left out: none. */
  ofOne?: number;
  /** The part of `buckets` of each player whose requests took the most time together, as far as the servers know. Left out: none. */
  ofSlowest?: number[][];
}

/** The server types that players reach themselves. */
const playersMeet = ['connector', 'http'];

/** Asks all connectors and http servers what their players met. */
export async function surveyTraffic(
  session: ReleaseSession,
  roster: Roster,
): Promise<{ traffic: TrafficSurvey; silent: SilentServer[] }> {
  const { answers, silent } = await callRolls(session, roster, playersMeet.map(trafficHandler), undefined);
  return { traffic: new Map(answers.map(({ server, data }) => [server.serverId, data])), silent };
}

/** The requests of a version's players between two surveys, by route. A server that started meanwhile counts from zero. */
export function trafficOf(
  version: string,
  now: TrafficSurvey,
  before: TrafficSurvey = new Map(),
): Map<string, Sample> {
  const samples = new Map<string, Sample & Players>();
  for (const [serverId, { incarnation, routes }] of now) {
    const earlierTraffic = before.get(serverId);
    const old = earlierTraffic?.incarnation === incarnation ? earlierTraffic.routes : [];
    for (const current of routes.filter((one) => one.version === version)) {
      const { route } = current;
      const found = old.find((one) => one.version === version && one.route === route);
      // Where nobody played the version for a day, its server has forgotten it, and counts anew.
      const base = found && requestsOf(found) <= requestsOf(current) ? found : undefined;
      const buckets = current.buckets.map(() => 0);
      const empty = { failed: 0, refused: 0, buckets, errors: new Map(), times: new Map() };
      const sample: Sample & Players = samples.get(route) ?? empty;
      sample.failed += current.failed - (base?.failed ?? 0);
      sample.refused += current.refused - (base?.refused ?? 0);
      sample.buckets = sample.buckets.map(
        (count, bucket) => count + (current.buckets[bucket] ?? 0) - (base?.buckets[bucket] ?? 0),
      );
      addErrorsOf(current, base, sample.errors);
      addTimesOf(current, base, sample.times);
      samples.set(route, sample);
    }
  }
  return new Map(
    [...samples].map(([route, { errors, times, ...sample }]): [string, Sample] => {
      const ofOne = Math.min(errorsOf(sample), Math.max(0, ...errors.values()));
      const ofSlowest = [...times.values()];
      return [route, { ...sample, ...(ofOne > 0 && { ofOne }), ...(ofSlowest.length > 0 && { ofSlowest }) }];
    }),
  );
}

const requestsOf = ({
  failed,
  refused,
  buckets,
}: Pick<RouteTraffic, 'failed' | 'refused' | 'buckets'>): number =>
  buckets.reduce((sum, count) => sum + count, failed + refused);

/** The counts of single players. */
interface Players {
  errors: Map<string, number>;
  times: Map<string, number[]>;
}

/** Adds what has come since `base`, and all of a player who was not listed there: some may be from before, so that more is left out. */
function addTimesOf(
  { timesOf: now = [] }: RouteTraffic,
  base: RouteTraffic | undefined,
  times: Map<string, number[]>,
): void {
  for (const { player, buckets } of now) {
    const before = base?.timesOf?.find((one) => one.player === player)?.buckets ?? [];
    const known = times.get(player) ?? [];
    const more = buckets.map(
      (count, bucket) => (known[bucket] ?? 0) + Math.max(0, count - (before[bucket] ?? 0)),
    );
    times.set(player, more);
  }
}

/** Adds what has come since `base`. A player who is not listed there had as many as the last of the list at most. */
function addErrorsOf(
  { errorsOf: now = [] }: RouteTraffic,
  base: RouteTraffic | undefined,
  byPlayer: Map<string, number>,
): void {
  const before = new Map(base?.errorsOf?.map(({ player, errors }) => [player, errors] as const));
  const unlisted = before.size < mostFailingListed ? 0 : Math.min(...before.values());
  for (const { player, errors } of now) {
    const more = Math.max(0, errors - (before.get(player) ?? unlisted));
    byPlayer.set(player, (byPlayer.get(player) ?? 0) + more);
  }
}

/** All requests of a sample, failed ones too. */
export function total(sample: Sample): number {
  return errorsOf(sample) + sum(sample.buckets);
}

/** Requests that failed, or were refused. */
export function errorsOf({ failed, refused }: Sample): number {
  return failed + refused;
}
