import type { BoardEntry } from '@ccgame/protocol';

/** The questions to one period of a board, wherever it is kept. */
export interface PeriodReader {
  readonly isSettled: boolean;
  readonly players: number;
  /** At most so many entries from a position on, which begins at 0. */
  entries(position: number, count: number): Promise<BoardEntry[]>;
  /** Undefined: the player isn't on the board. */
  player(playerId: string): Promise<{ entry: BoardEntry; position: number } | undefined>;
}
