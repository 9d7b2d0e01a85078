import { type ExpectingMessage, isConflict } from '@ccgame/jetstream';
import type { LeaderboardStore, Standing } from '../store/leaderboard-store.js';
import type { CursorRecord } from '../store/records.js';
import { cursorSubject, periodSubject, scoresStream } from '../store/streams.js';

/**
 * Writes the folds of a board, and knows what it wrote last: it need not be read before the next one. Where another server wrote since, that
 * one is refused, and what stands there is read again.
 */
export class FoldWriter {
  private cursor?: Standing<CursorRecord>;
  /** The sequences that the next writes to records of periods have to expect, by subject. */
  private periods: ReadonlyMap<string, number> = new Map();

  /** @param storeAll stores what is written, in the place of `LeaderboardStore.write` */
  constructor(
    private readonly board: string,
    private readonly store: LeaderboardStore,
    private readonly storeAll: LeaderboardStore['write'] = (messages) => store.write(messages),
  ) {}

  /** How far the board has counted, as NATS says. @throws NotRead */
  readCursor(): Promise<Standing<CursorRecord>> {
    return this.store.read<CursorRecord>(scoresStream.name, cursorSubject(this.board));
  }

  /** As {@link readCursor}, or as it was written here last. @throws NotRead */
  async lastCursor(): Promise<Standing<CursorRecord>> {
    return this.cursor ?? this.readCursor();
  }

  /** The sequences that the next writes to these subjects of periods have to expect. @throws NotRead */
  async expectedOf(subjects: readonly string[]): Promise<number[]> {
    const known = subjects.flatMap((subject) => this.periods.get(subject) ?? []);
    if (known.length === subjects.length) return known;
    return (await this.store.readMany(scoresStream.name, subjects)).map(({ seq }) => seq);
  }

  forgetWritten(): void {
    this.cursor = undefined;
    this.periods = new Map();
  }

  /** Stores the changes and the cursor behind them. @returns false when another server wrote first @throws NotStored */
  async writeFold(
    changes: readonly ExpectingMessage[],
    record: CursorRecord,
    expected: number,
  ): Promise<boolean> {
    this.forgetWritten();
    const moved = { subject: cursorSubject(this.board), payload: JSON.stringify(record), expected };
    try {
      const first = await this.storeAll([...changes, moved]);
      this.cursor = { record, seq: first + changes.length };
      const written = changes.map(({ subject }, index) => [subject, first + index] as const);
      const ofPeriods = periodSubject(this.board, '');
      this.periods = new Map(written.filter(([subject]) => subject.startsWith(ofPeriods)));
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }
}
