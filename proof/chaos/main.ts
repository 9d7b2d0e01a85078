import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { randomOf } from '../seeded-random.js';
import { isGood, lineOf, runChaos } from './chaos-run.js';
import { type Fault, faultNamed, faults } from './faults.js';

/**
 * `npm run chaos -- --minutes 5`: each fault alone, and then for so many minutes two at a time by chance, against real servers of
 * every type and plain socket.io clients. Exit code 1: something was lost, doubled or reordered, or not everybody was back within 10 s.
 */
const { values } = parseArgs({
  options: {
    /** So long pairs are played. */
    minutes: { type: 'string', default: '5' },
    players: { type: 'string', default: '8' },
    /** No fault alone. */
    'only-pairs': { type: 'boolean', default: false },
    /** Only faults whose name begins so, each alone; or one pair, `matching SIGKILL + PUSH deleted`. */
    only: { type: 'string' },
    /** The seed of the pairs: the same one gives the same pairs. */
    seed: { type: 'string', default: '1' },
  },
});

function* plan(): Generator<readonly Fault[]> {
  const { only } = values;
  if (only?.includes(' + ')) {
    yield only.split(' + ').map(faultNamed);
    return;
  }
  const alone = values['only-pairs'] ? [] : faults;
  for (const fault of alone) if (only === undefined || fault.name.startsWith(only)) yield [fault];
  const random = randomOf(Number(values.seed));
  const endsAt = Date.now() + Number(values.minutes) * 60_000;
  while (only === undefined && Date.now() < endsAt) {
    const [one, other] = [random(), random()].map((share) => faults[Math.floor(share * faults.length)]);
    if (one && other && one !== other && areApart(one, other)) yield [one, other];
  }
}

/** Two faults of one process would end each other. */
function areApart(one: Fault, other: Fault): boolean {
  const targetOf = ({ name }: Fault): string =>
    /^(disk|store|nats)/.test(name) ? 'nats' : name.split(/[ :]/)[0];
  return targetOf(one) !== targetOf(other);
}

const rounds = await runChaos(plan(), Number(values.players), (round) =>
  process.stdout.write(`${lineOf(round)}\n`),
);
const bad = rounds.filter((round) => !isGood(round)).length;
process.stdout.write(`${rounds.length} rounds, ${bad} with a fault of ours\n`);
process.exit(bad === 0 ? 0 : 1);
