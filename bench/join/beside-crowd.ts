import type { NatsConnection } from '@nats-io/nats-core';
import { round } from '../connector/statistics.js';
import { crowdMode, openCrowd } from './crowd.js';
import { declare } from './declare.js';
import type { Load } from './load.js';
import { longCollections, Metrics, sliceTable } from './slices.js';

interface Stage {
  nats: NatsConnection;
  /** Figures of the matching server. */
  healthPort: number;
  /** Tickets. */
  size: number;
  joinAndLeave: () => Promise<Load>;
  explain: (ticketId: string) => Promise<unknown>;
}

interface Crowd {
  result: Record<string, number>;
  /** Joins while the crowd only waits, and while it is matched and gets newcomers. */
  idle: Load[];
  loads: Load[];
}

/** Lets a crowd wait, be explained, come into new partitions, be matched and get newcomers, and players join all the while. */
export async function besideCrowd({ nats, healthPort, size, joinAndLeave, explain }: Stage): Promise<Crowd> {
  await openCrowd(nats, size, 1, 'c');
  while ((await ticketsIn(healthPort)) < size) await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`${size} more tickets wait`);
  const idle = [await joinAndLeave()];
  for (let i = 0; i < size; i += size / 20) await explain(`c${i}`);
  await declare(nats, crowdMode);
  const loads: Load[] = [];
  // Until players have joined once while nobody of the crowd was matched any more.
  for (let [before, matches] = [-1, 0]; matches === 0 || matches !== before;) {
    before = matches;
    loads.push(await joinAndLeave());
    matches = await matchesIn(healthPort);
  }
  for (let turn = 0; turn < 5; turn += 1) {
    await openCrowd(nats, size / 100, turn + 2, `n${turn}-`);
    loads.push(await joinAndLeave());
  }
  const metrics = await Metrics.of(healthPort);
  const slices = sliceTable(metrics);
  console.table(slices);
  const rows = Object.values(slices);
  return {
    idle,
    loads,
    result: {
      tickets: size,
      matches: await matchesIn(healthPort),
      longest_slice_ms: round(Math.max(...rows.map(({ longest = 0 }) => longest)), 1),
      slices: rows.reduce((sum, { count = 0 }) => sum + count, 0),
      slices_over_20_ms: rows.reduce((sum, row) => sum + (row['over 20 ms'] ?? 0), 0),
      gc_over_20_ms: longCollections(metrics),
    },
  };
}

async function ticketsIn(healthPort: number): Promise<number> {
  return (await Metrics.of(healthPort)).sum('ccgame_matching_tickets', `mode="${crowdMode.name}"`);
}

async function matchesIn(healthPort: number): Promise<number> {
  return (await Metrics.of(healthPort)).sum('ccgame_matching_matches_total', `mode="${crowdMode.name}"`);
}
