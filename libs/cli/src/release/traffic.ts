import { mostListed, type RouteTraffic, type Traffic, trafficHandler } from '@ccgame/releases';
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
  const samples = new Map<string, Sample & { byPlayer: Map<string, number> }>();
  for (const [serverId, { incarnation, routes }] of now) {
    const earlierTraffic = before.get(serverId);
    const old = earlierTraffic?.incarnation === incarnation ? earlierTraffic.routes : [];
    for (const current of routes.filter((one) => one.version === version)) {
      const { route } = current;
      const base = old.find((one) => one.version === version && one.route === route);
      const byPlayer = new Map<string, number>();
      const empty = { failed: 0, refused: 0, buckets: current.buckets.map(() => 0), byPlayer };
      const sample = samples.get(route) ?? empty;
      sample.failed += current.failed - (base?.failed ?? 0);
      sample.refused += current.refused - (base?.refused ?? 0);
      sample.buckets = sample.buckets.map(
        (count, bucket) => count + (current.buckets[bucket] ?? 0) - (base?.buckets[bucket] ?? 0),
      );
      addErrorsOf(current, base, sample.byPlayer);
      samples.set(route, sample);
    }
  }
  return new Map(
    [...samples].map(([route, { byPlayer, ...sample }]): [string, Sample] => {
      const ofOne = Math.min(errorsOf(sample), Math.max(0, ...byPlayer.values()));
      return [route, ofOne > 0 ? { ...sample, ofOne } : sample];
    }),
  );
}

/** Adds what has come since `base`. A player who is not listed there had as many as the last of the list at most. */
function addErrorsOf(
  { errorsOf: now = [] }: RouteTraffic,
  base: RouteTraffic | undefined,
  byPlayer: Map<string, number>,
): void {
  const before = new Map(base?.errorsOf?.map(({ player, errors }) => [player, errors] as const));
  const unlisted = before.size < mostListed ? 0 : Math.min(...before.values());
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
