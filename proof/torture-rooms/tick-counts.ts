import type { ArenaStack } from './arena-stack.js';

export interface TickCounts {
  ticks: number;
  /** Those that began over 10 ms late. */
  lateTicks: number;
}

/** The ticks of all rooms since their servers began, as these count them. */
export async function countTicks({ fleet }: ArenaStack): Promise<TickCounts> {
  const arenas = [...fleet.servers.values()].filter(
    ({ serverType, process }) => serverType === 'arena' && process.isRunning,
  );
  const pages = await Promise.all(
    arenas.map(async ({ healthPort }) => (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()),
  );
  const sum = (name: string): number =>
    pages.flatMap((page) => valuesOf(page, name)).reduce((all, value) => all + value, 0);
  return { ticks: sum('ccgame_rooms_tick_seconds_count'), lateTicks: sum('ccgame_rooms_late_ticks_total') };
}

const valuesOf = (page: string, name: string): number[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.split(' ').at(-1)));
