import { TicketPool } from '@ccgame/matchmaker/pool';
import type { Mode } from '@ccgame/matchmaker';
import type { Ticket } from '@ccgame/matchmaker/pool';

export const regions = Array.from({ length: 10 }, (_, i) => `r${i}`);

/** With every rule that works inside a partition; the ten regions are ten partitions. */
export const byRegion: Mode = {
  name: 'by-region',
  teams: 2,
  teamSize: 3,
  fewer: { afterMs: 45_000, teamSize: 2 },
  maxParty: 2,
  attributes: {
    region: { type: 'enum', values: regions },
    skill: { type: 'number', min: 0, max: 10_000 },
  },
  hardKeys: ['region'],
  skill: { attribute: 'skill', start: 50, perSecond: 10 },
  roles: { perTeam: { tank: 1 }, untilMs: 30_000 },
  longestWaitMs: 60_000,
};

/** The same in one partition, where latency says who can play where. */
export const byLatency: Mode = {
  ...byRegion,
  name: 'by-latency',
  hardKeys: [],
  latency: { limitsMs: Object.fromEntries(regions.map((region) => [region, 60])), perSecondMs: 1 },
};

export interface Arrival {
  region: number;
  ticket: Ticket;
}

/** A small seeded generator (mulberry32), so that both sides get the same pool. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Tickets of normal skill, a fifth of them parties of two, who have waited up to 20 s at time 0.
 *
 * @param tanks the share of players who could be tank
 */
export function arrivalsOf(mode: Mode, count: number, seed: number, prefix: string, tanks = 0.35): Arrival[] {
  const random = generator(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const arrivals = Array.from({ length: count }, (_, i): Arrival => {
    const players = Array.from({ length: random() < 0.2 ? 2 : 1 }, (_unused, p) => `${prefix}${i}-${p}`);
    const region = Math.floor(random() * regions.length);
    const ticket: Ticket = {
      ticketId: `${prefix}${i}`,
      players,
      skill: 1500 + 300 * normal(),
      since: -random() * 20_000,
      roles: players.map(() => (random() < tanks ? ['tank'] : [])),
    };
    if (mode.latency) ticket.latencyMs = latenciesFrom(region, random);
    return { region, ticket };
  });
  return arrivals.sort((a, b) => a.ticket.since - b.ticket.since);
}

/** As on a ring of regions: the own one is near, its neighbours may do. */
function latenciesFrom(home: number, random: () => number): Record<string, number> {
  const latencies = regions.map((region, i): [string, number] => {
    const hops = Math.min(Math.abs(i - home), regions.length - Math.abs(i - home));
    return [region, Math.round(20 + 45 * hops * (0.6 + 0.8 * random()) + 15 * random())];
  });
  return Object.fromEntries(latencies);
}

/** The pools of a mode: one a region where that is a hard key, or one for all. */
export function poolsFor(mode: Mode): TicketPool[] {
  return Array.from({ length: mode.hardKeys.length > 0 ? regions.length : 1 }, () => new TicketPool(mode));
}

export function addAll(pools: TicketPool[], arrivals: readonly Arrival[]): TicketPool[] {
  for (const { region, ticket } of arrivals) pools[region % pools.length].addTicket(ticket);
  return pools;
}
