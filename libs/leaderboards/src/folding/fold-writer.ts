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
  /** What the next write to a period's record has to expect, by its subject. */
  private periods: ReadonlyMap<string, number> = new Map();

  /** @param writer takes the store's place where it is written */
  constructor(
    private readonly board: string,
    private readonly store: LeaderboardStore,
    private readonly writer: Pick<LeaderboardStore, 'write'> = store,
  ) {}

  /** How far the board has counted, as NATS says. @throws NotRead */
  readCursor(): Promise<Standing<CursorRecord>> {
    return this.store.read<CursorRecord>(scoresStream.name, cursorSubject(this.board));
  }

  /** As {@link readCursor}, or as it was written here last. @throws NotRead */
  async lastCursor(): Promise<Standing<CursorRecord>> {
    return this.cursor ?? this.readCursor();
  }

  /** What the next write to each of these subjects of periods has to expect. @throws NotRead */
  async expectedOf(subjects: readonly string[]): Promise<number[]> {
    const known = subjects.flatMap((subject) => this.periods.get(subject) ?? []);
    if (known.length === subjects.length) return known;
    return (await this.store.readMany(scoresStream.name, subjects)).map(({ seq }) => seq);
  }

  forget(): void {
    this.cursor = undefined;
    this.periods = new Map();
  }

  /** Stores the changes and the cursor behind them. @returns false when another server wrote first @throws NotStored */
  async write(
    changes: readonly ExpectingMessage[],
    record: CursorRecord,
    expected: number,
  ): Promise<boolean> {
    this.forget();
    const moved = { subject: cursorSubject(this.board), payload: JSON.stringify(record), expected };
    try {
      const first = await this.writer.write([...changes, moved]);
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
