import { writeFileSync } from 'node:fs';
import type { Mode } from '../pool/rules/mode.js';
import type { Arrival } from './arrivals.js';
import { generatedArrivals } from './generated.js';
import { type Options, readOptions } from './options.js';
import { plotSvg } from './plot.js';
import { recordedArrivals } from './recorded.js';
import { reportOf } from './report.js';
import { simulate } from './simulate.js';
import { tableOf } from './table.js';

/**
 * Lets recorded or generated players go through the matcher, so that windows are tuned before a release: tells the figures,
 * writes the plot.
 *
 * @param modes those that may be named in `args`
 * @throws UsageError
 */
export function runSimulation(modes: Mode[], args: string[], tell: (text: string) => void): void {
  const options = readOptions(modes, args);
  // One mode makes the players, so that both meet the same.
  const arrivals = arrivalsFor(options.modes[0], options);
  const plotted = options.modes.map((mode) => ({ name: mode.name, mode, outcome: simulate(mode, arrivals) }));
  const reports = plotted.map(({ mode, outcome }) => reportOf(mode, outcome));
  const title = `${options.modes.map(({ name }) => name).join(' and ')}: ${options.arrivals}`;
  writeFileSync(options.out, plotSvg(plotted, title));
  tell(`${tableOf(reports)}\n\nplot: ${options.out}\n${JSON.stringify({ simulation: reports })}\n`);
}

function arrivalsFor(mode: Mode, options: Options): Arrival[] {
  if (!/\.(jsonl|csv)$/.test(options.arrivals)) return [...generatedArrivals(mode, options)];
  let players = 0;
  return recordedArrivals(options.arrivals, mode).filter(
    ({ party }) => (players += party) <= options.players,
  );
}
