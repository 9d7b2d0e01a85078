import type { BoardOptions } from '@ccgame/leaderboards';

/**
 * The game's leaderboards: the one place where a designer changes them (docs/leaderboards.md). Results of a match count under
 * its mode's name.
 */
export const boards: BoardOptions[] = [
  { name: 'duel', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } },
  { name: 'demo', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } },
  { name: 'ranked', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } },
  { name: 'squads', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } },
];
