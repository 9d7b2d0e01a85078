import type { Board } from '../boards/board.js';
import type { Period } from '../boards/periods.js';
import type { Archive } from '../settlement/archive.js';
import type { BoardEntry } from '@ccgame/protocol';
import type { SettledRecord } from '../store/records.js';
import type { PeriodReader } from './period-reader.js';

/** A period that is closed, from the archive. */
export class SettledPeriod implements PeriodReader {
  readonly isSettled = true;

  constructor(
    private readonly archive: Archive,
    private readonly board: Board,
    private readonly name: string,
    private readonly head: SettledRecord,
  ) {}

  /** As it was when it ran, whatever the board's reset is by now. */
  get period(): Period {
    const { startsAt, endsAt } = this.head;
    return { name: this.name, startsAt, endsAt };
  }

  get players(): number {
    return this.head.players;
  }

  entries(position: number, count: number): Promise<BoardEntry[]> {
    return this.archive.entries(this.board, this.name, this.head, position, count);
  }

  player(playerId: string): Promise<{ entry: BoardEntry; position: number } | undefined> {
    return this.archive.player(this.board, this.name, this.head, playerId);
  }
}
