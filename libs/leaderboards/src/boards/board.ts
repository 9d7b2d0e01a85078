import { expectedName, isName } from '@ccgame/config';
import { Periods, type ResetOptions } from './periods.js';

/** Which scores are the best. */
export type ScoreOrder = 'highest' | 'lowest';

/** How a player's scores of a period become one: the best of them, their sum, or the last one. */
export type BoardKind = 'best' | 'sum' | 'last';

/** A leaderboard as the game declares it. */
export interface BoardOptions {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`. It stays: a board whose kind, order or decimals change is another board, with another name. */
  name: string;
  /** The results that it counts, by the name that they are submitted under; several boards may count the same. Default: the board's name. */
  topic?: string;
  kind: BoardKind;
  /** Which score is the better one. Default: `highest`. */
  order?: ScoreOrder;
  /** Digits after the point that count, 0 to 6; scores are rounded to them before anything is added or compared. Default: 3. */
  decimals?: number;
  /** When the board starts anew; left out: never. */
  reset?: ResetOptions;
  /** How long a settled period can be asked for, in days; for less where the archive is full before. Default: 35. */
  keepDays?: number;
}

/** A checked board with its defaults. */
export interface Board extends Required<Omit<BoardOptions, 'reset'>> {
  readonly periods: Periods;
}

const mostBoards = 100;

/** @throws Error that names the board and what is wrong with it */
export function checkBoards(declared: readonly BoardOptions[]): Board[] {
  if (declared.length > mostBoards) throw new Error(`There are more than ${mostBoards} leaderboards`);
  const boards = declared.map(checkBoard);
  const names = boards.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`The leaderboard "${twice}" is declared twice`);
  return boards;
}

function checkBoard({
  name,
  topic = name,
  kind,
  order = 'highest',
  decimals = 3,
  reset,
  keepDays = 35,
}: BoardOptions): Board {
  const refuse = (reason: string): never => {
    throw new Error(`The leaderboard "${name}" ${reason}`);
  };
  if (!isName('board', name)) refuse(`needs a name of ${expectedName('board')}`);
  if (!isName('board', topic)) refuse(`needs a topic of ${expectedName('board')}`);
  if (!['best', 'sum', 'last'].includes(kind)) refuse('needs a kind: best, sum or last');
  if (!['highest', 'lowest'].includes(order)) refuse('needs an order: highest or lowest');
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 6) refuse('needs 0 to 6 decimals');
  if (!(keepDays > 0 && keepDays <= 3_650)) refuse('keeps its periods for 1 to 3,650 days');
  try {
    return { name, topic, kind, order, decimals, keepDays, periods: new Periods(reset) };
  } catch (error) {
    return refuse(`can't be reset by "${reset?.cron}" in ${reset?.timeZone}: ${(error as Error).message}`);
  }
}
