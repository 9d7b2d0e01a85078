import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { exitCodeOf, isGood, lineOf, runChaos } from './chaos-run.js';
import { planRounds } from './plan-rounds.js';

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

const { only, seed, minutes, players, 'only-pairs': onlyPairs } = values;
const plan = planRounds({ minutes: Number(minutes), onlyPairs, only, seed: Number(seed) });
const rounds = await runChaos(plan, Number(players), (round) => process.stdout.write(`${lineOf(round)}\n`));
const bad = rounds.filter((round) => !isGood(round)).length;
process.stdout.write(`${rounds.length} rounds, ${bad} with a fault of ours\n`);
process.exit(exitCodeOf(rounds));
