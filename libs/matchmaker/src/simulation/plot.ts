import { type Chart, chartSvg } from './chart.js';
import { gapOf } from './report.js';
import type { Outcome } from './simulate.js';

/** A simulated mode, by the name that the plot gives it. */
export interface Plotted {
  name: string;
  outcome: Outcome;
}

const slots = 48;
const bands = 20;

/** Four charts of one or two modes as an SVG: waits, skill gaps, both against time and skill. */
export function plotSvg(plotted: readonly Plotted[], title: string): string {
  const charts: Chart[] = [
    {
      title: 'Tickets matched within a wait, %',
      x: 'wait, s',
      lines: plotted.map((one) => cumulative(waitsIn(one.outcome).map(({ wait }) => wait / 1000))),
    },
    {
      title: 'Matches within a skill gap, %',
      x: 'gap of the best and the worst, points',
      lines: plotted.map(({ outcome }) => cumulative(outcome.matches.map(gapOf))),
    },
    {
      title: 'Wait by time of arrival, s: median, and p99 dashed',
      x: 'time, min',
      lines: plotted.flatMap(({ outcome }) => overTime(outcome)),
    },
    {
      title: 'Wait by skill, s: p90',
      x: 'skill',
      lines: plotted.map(({ outcome }) => bySkill(outcome)),
    },
  ];
  return chartSvg(
    charts,
    title,
    plotted.map(({ name }) => name),
  );
}

interface Waited {
  since: number;
  skill: number;
  wait: number;
}

function waitsIn({ matches }: Outcome): Waited[] {
  return matches.flatMap(({ teams, at }) =>
    teams.flat().map(({ since, skill }) => ({ since, skill, wait: at - since })),
  );
}

/** Up to the 99.5th percentile, so that the last one doesn't flatten the rest. */
function cumulative(values: number[]): Chart['lines'][number] {
  const sorted = [...values].sort((a, b) => a - b);
  const points = Array.from({ length: 200 }, (_, i): [number, number] => {
    const share = (i / 199) * 0.995;
    return [sorted[Math.floor(share * (sorted.length - 1))] ?? 0, share * 100];
  });
  return { points };
}

function overTime(outcome: Outcome): Chart['lines'] {
  const groups = grouped(waitsIn(outcome), slots, 0, outcome.endMs, ({ since }) => since);
  const line = (share: number): Array<[number, number]> =>
    groups.map(({ middle, waits }) => [middle / 60_000, percentile(waits, share) / 1000]);
  return [{ points: line(0.5) }, { points: line(0.99), isDashed: true }];
}

function bySkill(outcome: Outcome): Chart['lines'][number] {
  const waits = waitsIn(outcome);
  const skills = waits.map(({ skill }) => skill).sort((a, b) => a - b);
  // Without the last half percent at either end, where hardly anybody is.
  const [from, to] = [percentile(skills, 0.005), percentile(skills, 0.995)];
  const groups = grouped(waits, bands, from, to, ({ skill }) => skill);
  return { points: groups.map(({ middle, waits: own }) => [middle, percentile(own, 0.9) / 1000]) };
}

function grouped(
  waits: readonly Waited[],
  count: number,
  from: number,
  to: number,
  by: (waited: Waited) => number,
): Array<{ middle: number; waits: number[] }> {
  const width = (to - from) / count || 1;
  const groups = Array.from({ length: count }, (_, i) => ({
    middle: from + (i + 0.5) * width,
    waits: [] as number[],
  }));
  for (const waited of waits) groups[Math.floor((by(waited) - from) / width)]?.waits.push(waited.wait);
  for (const group of groups) group.waits.sort((a, b) => a - b);
  return groups.filter((group) => group.waits.length > 0);
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
