import { trafficBuckets } from '@ccgame/releases';
import { fisherExact, mannWhitney, type Share, sum } from './statistics.js';
import { errorsOf, type Sample, total } from './traffic.js';

/** By route. */
export type Samples = ReadonlyMap<string, Sample>;

/** The chance that a whole watch accuses a canary that is as good as stable. */
const level = 0.01;
const testsOfRoute = 3;
/** So few say nothing about how long requests take. */
const fewestForLatency = 30;
/** Slower in this share of pairs: a difference that players would notice, and not only the statistician. */
const leastSuperiority = 0.6;
/** Only one of a hundred of stable's requests takes longer than what is called slow here … */
const slowShare = 0.01;
/** … and a canary's may three times as often. */
const slowFactor = 3;

/**
 * Judges a canary against stable, route by route: whether more of its requests end in an error of any kind (Fisher's exact test), whether they take
 * longer (Mann-Whitney U test), and whether more of them take very long (Fisher's exact test on the share above stable's
 * 99th percentile). See `statistics.ts` for the sources. The level is divided by the number of tests and looks (Bonferroni:
 * O. J. Dunn, Journal of the American Statistical Association 56 (1961)), as the guard looks many times.
 *
 * On each route the errors of the player who met the most of them are left out, of both, and the canary is slower whichever of its slowest players is
 * left out: no player alone ends a canary. See {@link doubtAbout}.
 *
 * @param looks how often the watch looks
 * @returns what is worse, in a clause; undefined where nothing is
 */
export function judgeCanary(stable: Samples, canary: Samples, looks: number): string | undefined {
  return firstProblem(
    stable,
    canary,
    looks,
    (own, other, critical) =>
      failsMore(ofSeveral(own), ofSeveral(other), critical) ?? allTakeLonger(own, other, critical),
  );
}

/**
 * Looks at the requests of the one player on each route, too: of somebody who wants the canary rolled back, of a client that is broken, or of the
 * first who meets a fault.
 *
 * @returns what is worse with them, in a clause; undefined where nothing is
 */
export function doubtAbout(stable: Samples, canary: Samples, looks: number): string | undefined {
  return firstProblem(
    stable,
    canary,
    looks,
    (own, other, critical) =>
      failsMore(ofAll(own), ofAll(other), critical) ?? takesLonger(own, other, critical),
  );
}

function firstProblem(
  stable: Samples,
  canary: Samples,
  looks: number,
  judge: (own: Sample, other: Sample, critical: number) => string | undefined,
): string | undefined {
  const routes = [...canary].flatMap(([route, own]) => {
    const other = stable.get(route);
    return other ? [{ route, own, other }] : [];
  });
  const critical = level / looks / testsOfRoute / Math.max(1, routes.length);
  for (const { route, own, other } of routes) {
    const problem = judge(own, other, critical);
    if (problem) return `${route}: ${problem}`;
  }
  return undefined;
}

const ofAll = (sample: Sample): Share => ({ hits: errorsOf(sample), all: total(sample) });

function ofSeveral(sample: Sample): Share {
  const { hits, all } = ofAll(sample);
  const { ofOne = 0 } = sample;
  return { hits: hits - ofOne, all: all - ofOne };
}

function failsMore(a: Share, b: Share, critical: number): string | undefined {
  if (!(a.hits * b.all > b.hits * a.all)) return undefined;
  const p = fisherExact(a, b);
  if (p >= critical) return undefined;
  return `${percent(a.hits / a.all)} of its requests fail, ${percent(b.hits / b.all)} of stable's (p = ${short(p)})`;
}

/** The same as {@link takesLonger}, whichever of the slowest players is left out. */
function allTakeLonger(own: Sample, other: Sample, critical: number): string | undefined {
  const { buckets, ofSlowest = [] } = own;
  let problem = takesLonger(own, other, critical);
  for (const slowest of ofSlowest) {
    const rest = buckets.map((count, bucket) => Math.max(0, count - (slowest[bucket] ?? 0)));
    problem &&= takesLonger({ ...own, buckets: rest }, other, critical);
  }
  return problem;
}

function takesLonger(own: Sample, other: Sample, critical: number): string | undefined {
  const [all, allOthers] = [sum(own.buckets), sum(other.buckets)];
  if (Math.min(all, allOthers) < fewestForLatency) return undefined;
  const { p, superiority } = mannWhitney(own.buckets, other.buckets);
  if (p < critical && superiority >= leastSuperiority) {
    return `half of its requests take ${medianOf(own)}, half of stable's ${medianOf(other)} (p = ${short(p)})`;
  }
  const slow = slowBucket(other.buckets);
  const share = { hits: sum(own.buckets.slice(slow)), all };
  const usual = { hits: sum(other.buckets.slice(slow)), all: allOthers };
  const least = Math.max(slowShare, usual.hits / usual.all) * slowFactor;
  if (share.hits / share.all < least) return undefined;
  const rare = fisherExact(share, usual);
  if (rare >= critical) return undefined;
  const bound = trafficBuckets[slow - 1] ?? 0;
  return `${percent(share.hits / all)} of its requests take over ${bound} ms, ${percent(usual.hits / allOthers)} of stable's (p = ${short(rare)})`;
}

/** The first bucket beyond which so few of them are. */
function slowBucket(buckets: number[]): number {
  let above = sum(buckets);
  const most = above * slowShare;
  return buckets.findIndex((count, bucket) => {
    const isSlow = above <= most && bucket > 0;
    above -= count;
    return isSlow || bucket === buckets.length - 1;
  });
}

/** `over 20 ms`: the lower end of the bucket that holds the median. */
function medianOf({ buckets }: Sample): string {
  let left = sum(buckets) / 2;
  const median = buckets.findIndex((count) => (left -= count) <= 0);
  const bound = trafficBuckets[median];
  return bound === undefined ? `over ${trafficBuckets.at(-1)} ms` : `up to ${bound} ms`;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const short = (p: number): string => p.toExponential(0);
