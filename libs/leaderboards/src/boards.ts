import { checkName } from '@ccgame/rpc';

/** KV bucket with one settled board a key: `<board>.<day>`. */
export const boardsBucket = 'boards';

/** A UTC day, `2026-11-24`. */
export type Day = string;

export const dayOf = (epochMs: number): Day => new Date(epochMs).toISOString().slice(0, 10);

/** @throws RpcError INVALID */
export const boardKey = (board: string, day: Day): string => `${checkName('board', board)}.${day}`;

export interface BoardEntry {
  /** From 1; players of equal score share a rank. */
  rank: number;
  playerId: string;
  /** The sum of the day's results. */
  score: number;
}

/** A day's board that doesn't change any more. */
export interface SettledBoard {
  board: string;
  day: Day;
  /** The id of the server that settled it. */
  settledBy: string;
  entries: BoardEntry[];
}

/** Orders players by score, highest first; of equal scores the one with the lower id stands first. */
export function rankPlayers(scores: Iterable<[playerId: string, score: number]>): BoardEntry[] {
  const sorted = [...scores].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  let rank = 0;
  let last = Number.NaN;
  return sorted.map(([playerId, score], index) => {
    if (score !== last) rank = index + 1;
    last = score;
    return { rank, playerId, score };
  });
}
