import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { tortureRooms } from './torture.js';

/**
 * `npm run torture:rooms -- --rooms 20 --minutes 1`: arenas with four players each, who steer 20 times a second, while their servers
 * are killed, paused, stopped, scaled 3→5→2 and replaced by another version's. `--store postgres` has the rooms in a PostgreSQL of its
 * own, which is killed too. Exit code 1: the checker found a fault; 2: the run is larger than this machine holds, and found nothing but
 * what is late.
 */
const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '1' },
    arenas: { type: 'string', default: '3' },
    /** Threads that the players are in. */
    threads: { type: 'string', default: '2' },
    store: { type: 'string', default: 'jetstream' },
    calm: { type: 'string', default: '2500' },
    /** Only deeds whose name begins so, such as `arena SIGKILL`; several, in the order in which they are given. */
    only: { type: 'string', multiple: true, default: [] },
  },
});
Logger.overrideLogger(false);
const { store } = values;
if (store !== 'jetstream' && store !== 'postgres')
  throw new Error(`--store jetstream or postgres, not ${store}`);
const startedAt = Date.now();
const tell = (line: string): void =>
  void process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);

const { verdict, gaps, calm, answers, ...report } = await tortureRooms({
  rooms: Number(values.rooms),
  threads: Number(values.threads),
  forMs: Number(values.minutes) * 60_000,
  arenas: Number(values.arenas),
  store,
  most: Number(values.arenas) + 2,
  least: 2,
  nextArenas: Number(values.arenas),
  connectors: 2,
  calmMs: Number(values.calm),
  restMs: 5_000,
  only: values.only,
  tell,
});
const { faults, counts } = verdict;
const { load, limitsPassed, excused } = report;
const show = ({ p50, p99, max }: typeof calm): string => `${p50} / ${p99} / ${max}`;
console.table(
  gaps.map(({ name, times, room, player }) => ({
    deed: name,
    times,
    'room gap ms p50 / p99 / max': show(room),
    'player gap ms p50 / p99 / max': show(player),
  })),
);
console.table({
  ...counts,
  moves: report.moves,
  divergences: report.divergences,
  'calm ms': show(calm),
  'answer ms': show(answers),
  'calm: inputs answered within 1 s': load.answered,
  'calm: answer ms': show(load.answerMs),
  'calm: ticks over 10 ms late': load.lateTicks,
  'calm: players’ threads late ms': show(load.driverLateMs),
});
for (const limit of limitsPassed) tell(`beyond this machine: ${limit}`);
if (excused.length > 0) tell(`left out for that: ${excused.length} inputs without an answer`);
const kinds = [...new Set(faults.map(({ kind }) => kind))];
const ofKind = (kind: string): typeof faults => faults.filter((one) => one.kind === kind);
for (const kind of kinds) for (const { what } of ofKind(kind).slice(0, 10)) tell(`${kind}: ${what}`);
console.log(
  JSON.stringify({
    bench: 'torture:rooms',
    store,
    ...counts,
    players: report.players,
    seconds: report.seconds,
    deeds: report.deeds.length,
    moves: report.moves,
    divergences: report.divergences,
    calm_ms: calm,
    answer_ms: answers,
    load,
    beyond: limitsPassed,
    excused: excused.length,
    gaps_ms: Object.fromEntries(gaps.map(({ name, room, player }) => [name, { room, player }])),
    faults: faults.length,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind).length])),
  }),
);
if (faults.length + report.divergences > 0) process.exit(1);
process.exit(limitsPassed.length > 0 ? 2 : 0);
