import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { beginsWith, chosenNames } from '../../proof/chosen-names.js';
import { median, round } from '../connector/statistics.js';
import type { BenchGame, BenchSize } from './bench-game.js';
import { openCcgame } from './ccgame-game.js';
import { openColyseus } from './colyseus-game.js';
import { type Figures, measureGame } from './measure-game.js';

/**
 * `npm run bench:rooms`: the arena here, with and without durability, and its twin on Colyseus, one after the other and round again, by
 * the same driver of players. The last line is JSON.
 */
const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
Logger.overrideLogger(false);
const size: BenchSize = { rooms: Number(values.rooms), seats: 4 };
const games: Record<string, () => Promise<BenchGame>> = {
  'ccgame, stored': () => openCcgame(size, true),
  'ccgame, volatile': () => openCcgame(size, false),
  colyseus: () => openColyseus(size),
};
const names = chosenNames(Object.keys(games), [values.only], beginsWith);
const runs = new Map(names.map((name) => [name, [] as Figures[]]));
for (let turn = 0; turn < Number(values.rounds); turn += 1) {
  for (const name of names) {
    const game = await games[name]();
    const figures = await measureGame(game, size, Number(values.seconds));
    await game.stop();
    runs.get(name)?.push(figures);
    process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
  }
}
const results = Object.fromEntries([...runs].map(([name, figures]) => [name, medianOf(figures)]));
console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { cpuMs, inputToViewMs, ...rest }]) => [
      name,
      { ...cpuMs, ...rest, inputToViewMs: `${inputToViewMs.p50} / ${inputToViewMs.p99}` },
    ]),
  ),
);
const [stored, fast, twin] = Object.keys(games).map((name) => results[name]?.cpuMs);
const ratioOf = (one?: number, other?: number): number | undefined =>
  one && other ? round(one / other, 2) : undefined;
console.log(
  JSON.stringify({
    bench: 'rooms',
    ...size,
    results,
    ratios: {
      room_process: ratioOf(stored?.room, twin?.room),
      all_stored: ratioOf(stored?.all, twin?.all),
      all_volatile: ratioOf(fast?.all, twin?.all),
    },
  }),
);
process.exit(0);

function medianOf(figures: Figures[]): Figures {
  const of = (pick: (one: Figures) => number): number => round(median(figures.map(pick)), 2);
  const [first] = figures;
  return {
    cpuMs: Object.fromEntries(Object.keys(first.cpuMs).map((name) => [name, of(({ cpuMs }) => cpuMs[name])])),
    roomsPerCore: of((one) => one.roomsPerCore),
    bytesDown: of((one) => one.bytesDown),
    bytesUp: of((one) => one.bytesUp),
    inputToViewMs: { p50: of((one) => one.inputToViewMs.p50), p99: of((one) => one.inputToViewMs.p99) },
    views: of((one) => one.views),
    inputs: of((one) => one.inputs),
  };
}
