import { beginsWith, chosenNames } from '../chosen-names.js';
import { randomOf } from '../seeded-random.js';
import { type Fault, faultNamed, faults } from './faults.js';

/** The options of `npm run chaos` that say what is played. */
export interface Plan {
  /** So long pairs are played, by chance. */
  minutes: number;
  /** No fault alone. */
  onlyPairs: boolean;
  /** Only faults whose name begins so, each alone; or one pair, `matching SIGKILL + PUSH deleted`. */
  only?: string;
  seed: number;
}

/**
 * The faults of each round: what `only` chooses, or each fault alone and then two at a time.
 *
 * @throws Error where there is no such fault, or nothing would be played
 */
export function planRounds({ minutes, onlyPairs, only, seed }: Plan): Iterable<readonly Fault[]> {
  if (only?.includes(' + ')) return [only.split(' + ').map(faultNamed)];
  if (only !== undefined) {
    const names = faults.map(({ name }) => name);
    return chosenNames(names, [only], beginsWith).map((name) => [faultNamed(name)]);
  }
  if (onlyPairs && !(minutes > 0)) throw new Error(`--only-pairs plays nothing in ${minutes} minutes`);
  return inTurn(onlyPairs ? [] : faults, minutes, seed);
}

function* inTurn(alone: readonly Fault[], minutes: number, seed: number): Generator<readonly Fault[]> {
  for (const fault of alone) yield [fault];
  const random = randomOf(seed);
  const endsAt = Date.now() + minutes * 60_000;
  while (Date.now() < endsAt) {
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
