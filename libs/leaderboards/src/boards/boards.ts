import { GameErrors } from '@ccgame/protocol';
import type { Board } from './board.js';

export type { Board } from './board.js';

/** The boards that the game declared, checked. */
export const BOARDS = Symbol('BOARDS');

/** @throws RpcError NOT_FOUND */
export function boardNamed(boards: readonly Board[], name: string): Board {
  const board = boards.find((one) => one.name === name);
  if (board) return board;
  throw GameErrors.NOT_FOUND({ details: { detail: 'There is no leaderboard of that name.' } });
}
