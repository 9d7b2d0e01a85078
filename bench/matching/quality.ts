import type { TicketPool } from '@ccgame/matchmaker/pool';
import type { Ticket } from '@ccgame/matchmaker/pool';
import { naivePass } from './naive.js';
import { addAll, type Arrival, poolsFor, byRegion, generator, arrivalsOf, regions } from './pool.js';

/** How good the matches are, of tickets that come one after the other. */
export interface Quality {
  matched: number;
  /** Mean distance between the best and the worst of a match, points. */
  meanGap: number;
  meanWaitMs: number;
  /** 99th percentile of the waits of those matched. */
  waitP99Ms: number;
}

const tickMs = 1000;

/** Tickets that come at random, so many in so long. */
export function streamOf(count: number, durationMs: number, seed: number): Arrival[] {
  const random = generator(seed);
  const arrivals = arrivalsOf(byRegion, count, seed + 1, 's');
  for (const { ticket } of arrivals) ticket.since = Math.floor(random() * durationMs);
  return arrivals.sort((a, b) => a.ticket.since - b.ticket.since);
}

type Pass = (arrived: Arrival[], now: number) => Ticket[][];

export function ourPass(pools: TicketPool[] = poolsFor(byRegion)): Pass {
  return (arrived, now) => {
    addAll(pools, arrived);
    return pools.flatMap((pool) => pool.formMatches(now).map(({ teams }) => teams.flat()));
  };
}

export function plainPass(): Pass {
  const waiting = regions.map((): Ticket[] => []);
  return (arrived, now) => {
    for (const { region, ticket } of arrived) waiting[region].push(ticket);
    return waiting.flatMap((tickets) => naivePass(byRegion, tickets, now));
  };
}

/** Lets a stream go through: one pass a second, and a minute more for those who wait at its end. */
export function qualityOf(stream: readonly Arrival[], pass: Pass): Quality {
  const [gaps, waits]: number[][] = [[], []];
  const end = (stream.at(-1)?.ticket.since ?? 0) + 61_000;
  let next = 0;
  for (let now = 0; now <= end; now += tickMs) {
    const from = next;
    while (next < stream.length && stream[next].ticket.since <= now) next += 1;
    for (const group of pass(stream.slice(from, next), now)) {
      const skills = group.map(({ skill }) => skill);
      gaps.push(Math.max(...skills) - Math.min(...skills));
      waits.push(...group.map(({ since }) => now - since));
    }
  }
  waits.sort((a, b) => a - b);
  return {
    matched: waits.length,
    meanGap: mean(gaps),
    meanWaitMs: mean(waits),
    waitP99Ms: waits[Math.floor(waits.length * 0.99)] ?? 0,
  };
}

const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
