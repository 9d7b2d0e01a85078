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

/** The sizes of the batches by which so many matches are counted. */
async function batchesOf(results: readonly StoredMessage[]): Promise<number[]> {
  const sizes: number[] = [];
  let cursor = '';
  const readFrom = (_stream: string, _subject: string, seq: number, most: number): Promise<StoredMessage[]> =>
    Promise.resolve(results.slice(seq - 1, seq - 1 + most));
  const store = {
    read: () => Promise.resolve(cursor ? { record: JSON.parse(cursor) as object, seq: 1 } : { seq: 0 }),
    readFrom,
    readNext: readFrom,
    readMany: (_stream: string, subjects: string[]) => Promise.resolve(subjects.map(() => ({ seq: 0 }))),
    write: (messages: readonly ExpectingMessage[]) => {
      sizes.push(messages.length);
      cursor = String(messages.at(-1)?.payload);
      return Promise.resolve(1);
    },
  };
  const folder = new BoardFolder(hourly, store as unknown as LeaderboardStore);
  while ((await folder.fold(1)) !== 'nothing');
  return sizes;
}

describe('a board that counts its results', () => {
  it('writes no batch that NATS refuses, though each result begins a period of its own', async () => {
    const sizes = await batchesOf(Array.from({ length: 600 }, (_, index) => matchAt(index, 6)));
    expect(sizes.reduce((sum, size) => sum + size - 1, 0)).toBe(600 * 7);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  it('gets past a result of as many players as may be', async () => {
    const sizes = await batchesOf([matchAt(0, 900), matchAt(1, 900)]);
    expect(sizes).toEqual([902, 902]);
  });
});
