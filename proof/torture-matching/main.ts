import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { regions } from './modes.js';
import { shortfalls } from './shortfalls.js';
import { lateTakeOvers } from './take-over-bounds.js';
import { Torture } from './torture.js';

/**
 * `npm run torture:matching -- --waiting 5000 --playing 300`: real matching servers on a real nats-server; while their owners
 * are killed, paused and stopped, a checker reads everything that was stored and told. Exit code 1: it found a fault, a request
 * failed for good, others took over too late, or those who waited were not matched.
 */
const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '5000' },
    playing: { type: 'string', default: '300' },
    calm: { type: 'string', default: '5000' },
    pause: { type: 'string', default: '30000' },
  },
});
const waiting = Number(values.waiting);
if (!(waiting > 0 && waiting % (2 * regions.length) === 0))
  throw new Error(
    `--waiting is a multiple of ${2 * regions.length}: pairs in each region, who all meet in the end`,
  );
Logger.overrideLogger(false);
const startedAt = Date.now();
const tell = (line: string): void =>
  void process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);

const report = await Torture.run({
  root: process.cwd(),
  waiting,
  playing: Number(values.playing),
  calmMs: Number(values.calm),
  pauseMs: Number(values.pause),
  restMs: 1_500,
  tell,
});
const { steps, verdict, joins, answers, backfills, gameServers, moved, failedRequests, stepDowns } = report;
const late = lateTakeOvers(steps);
const short = shortfalls(report, waiting);
console.table(steps);
for (const { kind, what } of verdict.faults.slice(0, 50)) tell(`${kind}: ${what}`);
for (const failed of failedRequests.slice(0, 20)) tell(`failed: ${failed}`);
for (const sentence of short) tell(sentence);
const takenOver = Math.max(0, ...steps.map(({ takenOverMs }) => takenOverMs ?? 0));
console.log(
  JSON.stringify({
    bench: 'torture:matching',
    joins,
    failed: failedRequests.length,
    answers,
    backfills,
    game_servers: gameServers,
    moved,
    matches: verdict.matches,
    tickets: verdict.tickets,
    step_downs: stepDowns,
    slowest_takeover_ms: takenOver,
    late_takeovers: late,
    shortfalls: short,
    faults: verdict.faults.length,
  }),
);
process.exit(verdict.faults.length + failedRequests.length + late.length + short.length > 0 ? 1 : 0);
