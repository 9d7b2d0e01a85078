import type { BoardEntry } from '../settlement/archive.js';

export interface PeriodView {
  /** Such as `20261128T000000Z`; `all` where the board is never reset. */
  name: string;
  /** ISO 8601. */
  startsAt?: string;
  endsAt?: string;
}

export interface BoardView {
  board: string;
  period: PeriodView;
  /** True when the period is closed and nothing changes any more. */
  isSettled: boolean;
  /** How many players are on the board. */
  players: number;
  entries: BoardEntry[];
}

/** A player's place, with those around it. */
export interface PlayerView extends BoardView {
  /** Undefined: the player isn't on the board. */
  player?: BoardEntry;
}
