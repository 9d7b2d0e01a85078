import type { Board } from '../boards/board.js';
import { fromUnits } from '../boards/score-units.js';
import type { RankedPlayer, RankedScores } from '../ranking/ranked-scores.js';
import type { BoardEntry } from '@ccgame/protocol';
import type { PeriodReader } from './period-reader.js';

/** A period that runs, from memory. */
export class LivePeriod implements PeriodReader {
  readonly isSettled = false;

  /** @param scores none: nobody has played */
  constructor(
    private readonly board: Board,
    private readonly scores: RankedScores | undefined,
  ) {}

  get players(): number {
    return this.scores?.size ?? 0;
  }

  async entries(position: number, count: number): Promise<BoardEntry[]> {
    return this.scores?.page(position, count).map((one) => this.entryOf(one)) ?? [];
  }

  async player(playerId: string): Promise<{ entry: BoardEntry; position: number } | undefined> {
    const found = this.scores?.find(playerId);
    return found && { entry: this.entryOf(found.player), position: found.position };
  }

  private entryOf({ rank, playerId, units }: RankedPlayer): BoardEntry {
    return { rank, playerId, score: fromUnits(units, this.board.decimals) };
  }
}
