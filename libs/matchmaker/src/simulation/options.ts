import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkMode } from '../pool/rules/check-mode.js';
import type { Mode } from '../pool/rules/mode.js';

/** The text of `npm run matching:simulate -- --help`. */
export const usage = `npm run matching:simulate -- --mode <name> --players 100000 --arrivals poisson:50/s

  --mode <name|file.json>     a mode of the game, or a file with one
  --compare <name|file.json>  a second mode, which gets the same players
  --arrivals <stream>         poisson:50/s, players a second at random; day:50/s, the same as a day's mean, with its
                              quiet night and its evening; or a recording, file.jsonl or file.csv (docs/matching-rules.md)
  --players <count>           how many come, 10000; of a recording the first so many, else all
  --parties <share>           of the tickets that are parties of two or more, 0.2
  --skill <mean,deviation>    normal, cut to what the mode allows; the middle and a sixth of its range
  --roles <healer=0.2,...>    share of the players who could play a role; else equal shares, one for none
  --weights <eu=5,us=3,...>   how often an enum's value or a region comes; else all alike
  --patience <s>              players give up after so long on average; else never
  --seed <number>             1
  --out <file.svg>            the plot, matching-simulation.svg
`;

/** The options of a simulation. */
export interface Options {
  modes: Mode[];
  arrivals: string;
  players: number;
  parties: number;
  skill?: { mean: number; deviation: number };
  roles: Record<string, number>;
  weights: Record<string, number>;
  patienceMs?: number;
  seed: number;
  out: string;
}

/** A mistake in the typed command: `message` is for the person. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(modes: Mode[], args: string[]): Options {
  const { values } = parseFlags(args);
  if (!values.mode) throw new UsageError('--mode is missing');
  const patience = values.patience === undefined ? undefined : numberOf('--patience', values.patience);
  return {
    modes: [values.mode, ...(values.compare ? [values.compare] : [])].map((one) => readMode(modes, one)),
    arrivals: values.arrivals ?? 'poisson:50/s',
    players: values.players === undefined ? Infinity : numberOf('--players', values.players),
    parties: numberOf('--parties', values.parties ?? '0.2'),
    ...(values.skill && { skill: readSkill(values.skill) }),
    roles: readShares('--roles', values.roles),
    weights: readShares('--weights', values.weights),
    ...(patience !== undefined && { patienceMs: patience * 1000 }),
    seed: numberOf('--seed', values.seed ?? '1'),
    out: values.out ?? 'matching-simulation.svg',
  };
}

const text = { type: 'string' } as const;
const flags = {
  mode: text,
  compare: text,
  arrivals: text,
  players: text,
  parties: text,
  skill: text,
  roles: text,
  weights: text,
  patience: text,
  seed: text,
  out: text,
};

function parseFlags(args: string[]): ReturnType<typeof parseArgs<{ options: typeof flags }>> {
  try {
    return parseArgs({ args, options: flags });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readMode(modes: Mode[], given: string): Mode {
  const known = modes.find(({ name }) => name === given);
  if (known) return known;
  if (!given.endsWith('.json'))
    throw new UsageError(`${given} is neither a file nor one of ${modes.map(({ name }) => name).join(', ')}`);
  const mode = readJson(given);
  const problems = checkMode(mode);
  if (problems.length === 0) return mode as Mode;
  const lines = problems.map(({ field, problem }) => `${field} ${problem}`);
  throw new UsageError(`${given} is no mode that can be played:\n${lines.join('\n')}`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
}

function readSkill(given: string): { mean: number; deviation: number } {
  const [mean, deviation] = given.split(',').map((part) => numberOf('--skill', part));
  if (deviation === undefined) throw new UsageError('--skill is a mean and a deviation, such as 1500,300');
  return { mean, deviation };
}

function readShares(flag: string, given: string | undefined): Record<string, number> {
  const pairs = (given ?? '').split(',').filter((pair) => pair !== '');
  const shares = pairs.map((pair): [string, number] => {
    const [name, share = ''] = pair.split('=');
    return [name, numberOf(flag, share)];
  });
  return Object.fromEntries(shares);
}

function numberOf(flag: string, given: string): number {
  const value = Number(given);
  if (given === '' || !(value >= 0)) throw new UsageError(`${flag}: ${given} is no number from 0 on`);
  return value;
}
