import type { TicketPool } from '@ccgame/matchmaker/pool';
import type { Mode } from '@ccgame/matchmaker';
import { addAll, type Arrival, poolsFor, byLatency, byRegion, arrivalsOf, regions } from './pool.js';
import { ourPass, plainPass, qualityOf, streamOf } from './quality.js';
import { naivePass } from './naive.js';

/**
 * `npm run bench:matching`: full passes over pools of 1k, 10k and 100k tickets, steady passes with 1 % new ones, memory, and
 * time and quality beside a naive oldest-first scan of the same tickets. Ends with a line of JSON.
 */
const sizes = [1_000, 10_000, 100_000];
const rounds = 5;
/** As the server slices its passes, ms. */
const sliceMs = 5;

/** Other work of the machine only adds to a time. */
const fastest = (values: number[]): number => Math.min(...values);
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Without the garbage of what went before. */
function time(work: () => void): number {
  globalThis.gc?.();
  const since = performance.now();
  work();
  return performance.now() - since;
}

const passAll = (pools: TicketPool[], now: number): void =>
  pools.forEach((pool) => void pool.formMatches(now));

function fullPass(mode: Mode, size: number): number {
  const times = Array.from({ length: rounds }, (_, i) => {
    const pools = addAll(poolsFor(mode), arrivalsOf(mode, size, i + 1, 't'));
    return time(() => passAll(pools, 0));
  });
  return fastest(times);
}

/** 1 % that is new comes to a pool, and a pass; `added` is the time of the joins, per ticket in µs. */
function steadyPass(standing: (seed: number) => Arrival[], size: number): { pass: number; join: number } {
  const [passes, joins]: number[][] = [[], []];
  for (let i = 0; i < rounds; i += 1) {
    const pools = addAll(poolsFor(byRegion), standing(i + 1));
    passAll(pools, 0);
    const fresh = arrivalsOf(byRegion, size / 100, i + 100, 'n');
    for (const { ticket } of fresh) ticket.since = 0;
    joins.push((1000 * time(() => addAll(pools, fresh))) / fresh.length);
    passes.push(time(() => passAll(pools, 1)));
  }
  return { pass: fastest(passes), join: fastest(joins) };
}

/** The longest that a pass over everything keeps a join waiting when it is sliced, ms. */
function longestSlice(mode: Mode, size: number): number {
  const pools = addAll(poolsFor(mode), arrivalsOf(mode, size, 5, 't'));
  let longest = 0;
  for (const pool of pools) {
    let isDone = false;
    while (!isDone) {
      isDone = true;
      const end = performance.now() + sliceMs;
      const since = performance.now();
      pool.formMatches(0, () => performance.now() < end || (isDone = false));
      longest = Math.max(longest, performance.now() - since);
    }
  }
  return longest;
}

function bytesPerTicket(mode: Mode, size: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const pools = addAll(poolsFor(mode), arrivalsOf(mode, size, 7, 'm'));
  globalThis.gc?.();
  const used = process.memoryUsage().heapUsed - before;
  return pools.length > 0 ? Math.round(used / size) : 0;
}

/** The tickets for the naive scan, region by region, which takes too long for more. */
function naiveFullPass(size: number): number {
  const arrivals = arrivalsOf(byRegion, size, 1, 't');
  const pools = regions.map((_name, i) => arrivals.filter(({ region }) => region === i));
  const tickets = pools.map((pool) => pool.map(({ ticket }) => ticket));
  return time(() => tickets.forEach((one) => void naivePass(byRegion, one, 0)));
}

const rows = sizes.map((size) => ({
  tickets: size,
  'by region, ms': round(fullPass(byRegion, size)),
  'by latency, ms': round(fullPass(byLatency, size)),
  'naive scan, ms': size <= 10_000 ? round(naiveFullPass(size)) : NaN,
}));
console.log('a full pass:');
console.table(rows);

const largest = sizes.at(-1) ?? 0;
const leftOver = steadyPass((seed) => arrivalsOf(byRegion, largest, seed, 't'), largest);
// The worst case: everybody waits for the same thing.
const starved = steadyPass((seed) => arrivalsOf(byRegion, largest, seed, 't', 0), largest);
console.log('a steady pass, 1 % new, ms, and the join of each, µs:');
console.table({ 'what a pass left over': leftOver, 'no tank among 100,000': starved });

const stream = streamOf(20_000, 600_000, 42);
const ours = qualityOf(stream, ourPass());
const naive = qualityOf(stream, plainPass());
console.log('quality, 20,000 tickets in ten minutes, ours and the naive scan:');
console.table({ ours, naive });

const [, middle, last] = rows;
console.log(
  JSON.stringify({
    bench: 'matching',
    full_100k_ms: last['by region, ms'],
    steady_100k_ms: round(leftOver.pass),
    steady_starved_100k_ms: round(starved.pass),
    bytes_per_ticket: bytesPerTicket(byRegion, largest),
    exponent: round(Math.log10(last['by region, ms'] / middle['by region, ms'])),
    full_100k_latency_ms: last['by latency, ms'],
    bytes_per_ticket_latency: bytesPerTicket(byLatency, largest),
    longest_slice_ms: round(Math.max(longestSlice(byRegion, largest), longestSlice(byLatency, largest))),
    naive_10k_ratio: round(middle['naive scan, ms'] / middle['by region, ms'], 1),
    gap_ratio: round(ours.meanGap / naive.meanGap, 3),
    wait_p99_ratio: round(ours.waitP99Ms / naive.waitP99Ms, 3),
    wait_mean_ratio: round(ours.meanWaitMs / naive.meanWaitMs, 3),
  }),
);
