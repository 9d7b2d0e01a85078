import { randomOf } from '../../seeded-random.js';
import { PlainClients } from '../plain-clients.js';
import { nothing, type Phase } from '../phase.js';
import { until } from '../pause.js';
import type { Stage } from '../stage.js';
import { atFirst, deeds } from './deeds.js';

const plainCount = 8;
/** A port-forward is opened again after its NATS server was replaced. */
const natsMs = 60_000;

export interface RandomOrder {
  minutes: number;
  seed: number;
}

/** Deeds in an order that the seed alone says, for so long; how many there are depends on how long each takes. */
export function inRandomOrder({ minutes, seed }: RandomOrder): Phase {
  return {
    line: 13,
    title: `releases, restarts, drains and kubectl apply in random order for ${minutes} minutes, --seed ${seed}`,
    mustBeZero: nothing,
    async run(stage) {
      const clients = await PlainClients.open(stage, plainCount);
      const counts = await carryOut(stage, randomOf(seed), minutes * 60_000);
      const account = await clients.stop();
      stage.report.figure('deeds', counts);
      stage.report.check('deeds were done', Object.keys(counts).length > 0);
      stage.report.figure(`${plainCount} plain clients`, account);
      const isWhole = account.lost + account.duplicated + account.reordered === 0;
      stage.report.check('plain clients: 0 lost, doubled and reordered pushes', isWhole);
    },
  };
}

/** @returns how often each deed was done */
async function carryOut(stage: Stage, random: () => number, forMs: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let releases = atFirst();
  for (const endsAt = performance.now() + forMs; performance.now() < endsAt;) {
    const possible = deeds.filter((one) => one.isPossible(releases));
    const deed = possible[Math.floor(random() * possible.length)];
    await stage.reachNats();
    await until('NATS is reached', natsMs, () => stage.operator.flush().then(() => true));
    const since = performance.now();
    await deed.carryOut(stage, releases, random());
    releases = deed.change?.(releases) ?? releases;
    counts[deed.name] = (counts[deed.name] ?? 0) + 1;
    const seconds = Math.round((performance.now() - since) / 1000);
    stage.report.say(`  ${deed.name}: ${seconds} s; ${releases.stable} is stable`);
  }
  return counts;
}
