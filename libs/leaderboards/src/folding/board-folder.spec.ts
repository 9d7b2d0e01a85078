import { type ExpectingMessage, StoredMessage } from '@ccgame/jetstream';
import { checkBoards } from '../boards/board.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import { BoardFolder } from './board-folder.js';

const hourMs = 3_600_000;
const [hourly] = checkBoards([
  { name: 'hourly', kind: 'sum', reset: { cron: '0 * * * *', timeZone: 'Etc/UTC' } },
]);

/** A match of so many players an hour. */
function matchAt(index: number, players: number): StoredMessage {
  const head = {
    'Nats-Expected-Last-Subject-Sequence': 0,
    'Nats-Stream': 'LEADERBOARDS_RESULTS',
    'Nats-Subject': `leaderboards.result.hourly.m${index}`,
    'Nats-Sequence': index + 1,
    'Nats-Time-Stamp': new Date(Date.UTC(2026, 10, 15) + index * hourMs).toISOString(),
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  const scores = Array.from({ length: players }, (_, player) => ({
    playerId: `p${index}-${player}`,
    score: 1,
  }));
  return new StoredMessage(
    ['NATS/1.0', ...lines, '', ''].join('\r\n'),
    Buffer.from(JSON.stringify({ scores })),
  );
}

/** A store with these results, and nothing counted. */
class ResultsStore {
  readonly sizes: number[] = [];
  cursorReads = 0;
  cursor = '';

  constructor(public results: readonly StoredMessage[]) {}

  openFolder(): BoardFolder {
    const readFrom = (
      _stream: string,
      _subject: string,
      seq: number,
      most: number,
    ): Promise<StoredMessage[]> => Promise.resolve(this.results.slice(seq - 1, seq - 1 + most));
    const store = {
      read: () => {
        this.cursorReads += 1;
        return Promise.resolve(
          this.cursor ? { record: JSON.parse(this.cursor) as object, seq: 1 } : { seq: 0 },
        );
      },
      readFrom,
      readNext: readFrom,
      readAt: (_stream: string, seq: number) => Promise.resolve(this.results.at(seq - 1)),
      readMany: (_stream: string, subjects: string[]) => Promise.resolve(subjects.map(() => ({ seq: 0 }))),
      write: (messages: readonly ExpectingMessage[]) => {
        this.sizes.push(messages.length);
        this.cursor = String(messages.at(-1)?.payload);
        return Promise.resolve(1);
      },
    };
    return new BoardFolder(hourly, store as unknown as LeaderboardStore);
  }
}

async function countAll(folder: BoardFolder): Promise<void> {
  while ((await folder.fold({ since: 1, isStill: () => Promise.resolve(true) })) !== 'nothing');
}

/** The sizes of the batches by which so many matches are counted. */
async function batchesOf(results: readonly StoredMessage[]): Promise<number[]> {
  const store = new ResultsStore(results);
  await countAll(store.openFolder());
  return store.sizes;
}

describe('a board that counts its results', () => {
  it('writes no batch that NATS refuses, though each result begins a period of its own', async () => {
    const sizes = await batchesOf(Array.from({ length: 600 }, (_, index) => matchAt(index, 6)));
    expect(sizes.reduce((sum, size) => sum + size - 1, 0)).toBe(600 * 7);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  it('asks how far it is once, as it knows what it wrote', async () => {
    const store = new ResultsStore(Array.from({ length: 600 }, (_, index) => matchAt(index, 6)));
    await countAll(store.openFolder());
    expect(store.cursorReads).toBe(1);
  });

  it('asks again where there is nothing to count, as NATS may have been restored', async () => {
    const store = new ResultsStore([matchAt(0, 1)]);
    const folder = store.openFolder();
    await countAll(folder);
    const restored = store.cursor;
    store.results = [0, 1, 2].map((index) => matchAt(index, 1));
    await countAll(folder);
    [store.cursor, store.results] = [restored, store.results.slice(0, 2)];
    await countAll(folder);
    expect(store.sizes).toEqual([3, 5, 3]);
  });

  it('gets past a result of as many players as may be', async () => {
    const sizes = await batchesOf([matchAt(0, 900), matchAt(1, 900)]);
    expect(sizes).toEqual([902, 902]);
  });
});
