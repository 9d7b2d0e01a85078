import { NotStored } from '@ccgame/jetstream';
import type { Logger } from '@nestjs/common';
import { checkBoards } from '../boards/board.js';
import type { BoardFolder } from './board-folder.js';
import { FoldLoop } from './fold-loop.js';
import type { ResultsAge } from './results-age.js';

const [board] = checkBoards([{ name: 'ever', kind: 'sum' }]);
const hourMs = 3_600_000;

/** A stream of results that other topics fill, and a board that has counted its own. */
class QuietTopic {
  firstSeq = 1;
  lastSeq = 10;
  cursor = 10;
  readonly marks: string[] = [];
  readonly told: unknown[] = [];
  private readonly loops: FoldLoop[] = [];

  openServer(): void {
    const folder = {
      board,
      isBehind: false,
      cursor: () => Promise.resolve({ record: { since: 1, seq: this.cursor }, seq: this.cursor }),
      fold: () => Promise.resolve(this.countMarks()),
      passLoss: () => Promise.resolve(false),
    };
    const age = {
      get: () =>
        Promise.resolve({ since: 1, firstSeq: this.firstSeq, lastSeq: this.lastSeq, now: performance.now() }),
    };
    const results = { mark: (_topic: string, id: string) => this.mark(id) };
    const log = { error: (line: unknown) => this.told.push(line) };
    this.loops.push(
      new FoldLoop(
        folder as unknown as BoardFolder,
        age as unknown as ResultsAge,
        results,
        log as unknown as Logger,
      ),
    );
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.loops.map((loop) => loop.close()));
    await jest.advanceTimersByTimeAsync(1_000);
    await closed;
  }

  private countMarks(): 'nothing' | 'counted' {
    const last = Number(this.marks.at(-1)?.split('@')[1] ?? 0);
    if (last <= this.cursor) return 'nothing';
    this.cursor = last;
    return 'counted';
  }

  private mark(id: string): Promise<number> {
    if (this.marks.some((one) => one.startsWith(`${id}@`)))
      return Promise.reject(new NotStored('refused', 'wrong last sequence', 10071));
    this.lastSeq += 1;
    this.marks.push(`${id}@${this.lastSeq}`);
    return Promise.resolve(this.lastSeq);
  }
}

describe('a board whose topic is quiet', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('does not say that its results are gone when those of other topics go', async () => {
    const topic = new QuietTopic();
    for (let server = 0; server < 2; server += 1) topic.openServer();
    for (let hour = 0; hour < 16; hour += 1) {
      topic.lastSeq += 1_000_000;
      topic.firstSeq = Math.max(1, topic.lastSeq - 14_000_000);
      await jest.advanceTimersByTimeAsync(hourMs);
    }
    // A server that starts knows no more than what is stored.
    topic.openServer();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(topic.told).toEqual([]);
    expect(topic.marks.length).toBeGreaterThan(10);
    expect(topic.marks.length).toBeLessThanOrEqual(17);
    await topic.close();
  });

  it('is marked by nobody while no other topic has results', async () => {
    const topic = new QuietTopic();
    topic.openServer();
    await jest.advanceTimersByTimeAsync(3 * hourMs);
    expect(topic.marks).toEqual([]);
    await topic.close();
  });

  it('says that results are gone where they went before anybody looked', async () => {
    const topic = new QuietTopic();
    topic.lastSeq = 5_000;
    topic.firstSeq = 4_000;
    topic.openServer();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(topic.told).toEqual([{ event: 'leaderboards.results-gone', board: 'ever', from: 11, to: 3_999 }]);
    await topic.close();
  });
});
