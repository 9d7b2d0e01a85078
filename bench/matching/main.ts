import { Bucket } from '../../apps/matching/src/pool/bucket.js';
import type { Mode } from '../../apps/matching/src/pool/mode.js';
import type { Ticket } from '../../apps/matching/src/pool/ticket.js';
import { windowAfter } from '../../apps/matching/src/pool/window.js';

/**
 * `npm run bench:matching`: a full pass over pools of 1k, 10k and 100k tickets, a steady pass with 1 % new ones, memory, and
 * the quality beside a naive oldest-first scan of the same pool.
 */
const mode: Mode = {
  name: 'ranked',
  teams: 2,
  teamSize: 3,
  maxParty: 3,
  hardKeys: ['region'],
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  longestWaitMs: 60_000,
};
const regions = 10;
const rounds = 5;
const sizes = [1_000, 10_000, 100_000];

/** A small seeded generator (mulberry32), so that both sides get the same pool. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Arrival {
  region: number;
  ticket: Ticket;
}

function pool(count: number, seed: number, prefix: string): Arrival[] {
  const random = generator(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, (_, i) => {
    const party = random() < 0.2 ? 2 + Math.floor(random() * 2) : 1;
    const players = Array.from({ length: party }, (_unused, p) => `${prefix}${i}-${p}`);
    const ticket = {
      ticketId: `${prefix}${i}`,
      players,
      skill: 1500 + 300 * normal(),
      since: -random() * 20_000,
    };
    return { region: Math.floor(random() * regions), ticket };
  }).sort((a, b) => a.ticket.since - b.ticket.since);
}

function fill(arrivals: Arrival[]): Bucket[] {
  const buckets = Array.from({ length: regions }, () => new Bucket(mode));
  for (const { region, ticket } of arrivals) buckets[region]?.add(ticket);
  return buckets;
}

interface Quality {
  matches: number;
  /** Mean distance between the best and the worst of a match. */
  meanGap: number;
  /** 99th percentile of the wait of those matched, ms. */
  waitP99: number;
}

function qualityOf(groups: Ticket[][]): Quality {
  const gaps = groups.map(
    (group) => Math.max(...group.map((t) => t.skill)) - Math.min(...group.map((t) => t.skill)),
  );
  const waits = groups.flatMap((group) => group.map((t) => -t.since)).sort((a, b) => a - b);
  const meanGap = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length);
  return { matches: groups.length, meanGap, waitP99: waits[Math.floor(waits.length * 0.99)] ?? 0 };
}

/** The yardstick: for each ticket, oldest first, scan all others of its region in order of age and take who fits. */
function naive(arrivals: Arrival[]): Ticket[][] {
  const taken = new Set<Ticket>();
  const wanted = mode.teams * mode.teamSize;
  const groups: Ticket[][] = [];
  for (let region = 0; region < regions; region += 1) {
    const tickets = arrivals.filter((one) => one.region === region).map(({ ticket }) => ticket);
    for (const ticket of tickets) {
      if (taken.has(ticket)) continue;
      const reach = windowAfter(mode, -ticket.since);
      const group = [ticket];
      let players = ticket.players.length;
      for (const other of tickets) {
        if (other === ticket || taken.has(other) || Math.abs(other.skill - ticket.skill) > reach) continue;
        if (players + other.players.length > wanted) continue;
        group.push(other);
        players += other.players.length;
        if (players === wanted) break;
      }
      if (players !== wanted) continue;
      for (const one of group) taken.add(one);
      groups.push(group);
    }
  }
  return groups;
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function time(work: () => void): number {
  const since = performance.now();
  work();
  return performance.now() - since;
}

function bytesPerTicket(count: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const buckets = fill(pool(count, 7, 'm'));
  globalThis.gc?.();
  const used = process.memoryUsage().heapUsed - before;
  return buckets.length > 0 ? Math.round(used / count) : 0;
}

const full = new Map<number, number>();
const steady = new Map<number, number>();
for (const size of sizes) {
  const [fullMs, steadyMs]: number[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const arrivals = pool(size, round + 1, 't');
    const buckets = fill(arrivals);
    fullMs?.push(time(() => buckets.forEach((bucket) => void bucket.match(0))));
    // Steady: a pool in which nobody can be matched now, as all are spread wide, and 1 % that is new.
    const waiting = fill(spread(arrivals));
    waiting.forEach((bucket) => void bucket.match(0));
    for (const { region, ticket } of pool(size / 100, round + 100, 'n'))
      waiting[region]?.add({ ...ticket, since: 0 });
    steadyMs?.push(time(() => waiting.forEach((bucket) => void bucket.match(1))));
  }
  full.set(size, median(fullMs ?? []));
  steady.set(size, median(steadyMs ?? []));
}

/** The same tickets so far apart in skill that no window reaches the next. */
function spread(arrivals: Arrival[]): Arrival[] {
  return arrivals.map(({ region, ticket }, i) => ({ region, ticket: { ...ticket, skill: 1e6 + i * 1000 } }));
}

const sample = pool(10_000, 42, 'q');
const own = qualityOf(fill(sample).flatMap((bucket) => bucket.match(0).map(({ teams }) => teams.flat())));
const yardstick = qualityOf(naive(sample));
const ms = (value: number | undefined): number => Number((value ?? 0).toFixed(2));
const exponent = Math.log10((full.get(100_000) ?? 1) / (full.get(10_000) ?? 1));

console.table(
  sizes.map((size) => ({
    tickets: size,
    'full pass, ms': ms(full.get(size)),
    'steady pass, ms': ms(steady.get(size)),
  })),
);
console.log('quality at 10,000 tickets, ours and the naive scan:');
console.table({ ours: own, naive: yardstick });
console.log(
  JSON.stringify({
    bench: 'matching',
    full_100k_ms: ms(full.get(100_000)),
    steady_100k_ms: ms(steady.get(100_000)),
    bytes_per_ticket: bytesPerTicket(100_000),
    exponent: ms(exponent),
    gap_ratio: ms(own.meanGap / yardstick.meanGap),
    wait_p99_ratio: ms(own.waitP99 / yardstick.waitP99),
  }),
);
