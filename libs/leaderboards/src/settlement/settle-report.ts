/** A period of a board, and why it was left out or not done. */
export interface SettleNote {
  board: string;
  /** Left out where all of the board is meant. */
  period?: string;
  reason: string;
}

/** The result of a run. */
export interface SettleReport {
  settled: { board: string; period: string; players: number }[];
  skipped: SettleNote[];
  failed: SettleNote[];
}
