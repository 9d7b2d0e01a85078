import { NotRead } from '@ccgame/jetstream';
import { checkBoards } from '../boards/board.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import type { SettledPlayer, SettledRecord } from '../store/records.js';
import { Archive } from './archive.js';

const [board] = checkBoards([{ name: 'daily', kind: 'sum', decimals: 0 }]);
const period = '20261128T000000Z';
const head = { players: 3, pageSize: 2, decimals: 0, buckets: 1 } as SettledRecord;
const pages: SettledPlayer[][] = [
  [
    [1, 'anna', 9],
    [2, 'ben', 8],
  ],
  [[3, 'carl', 7]],
];

const parts: Record<string, unknown[]> = {
  'page.0': pages[0],
  'page.1': pages[1],
  'players.0': pages.flat().map((player, position) => [...player, position]),
};

/** Each part is missing in the first so many reads of it. */
function archiveBehind(missing: number): Archive {
  const reads = new Map<string, number>();
  const read = (_stream: string, subject: string): Promise<{ record?: unknown[]; seq: number }> => {
    const count = (reads.get(subject) ?? 0) + 1;
    reads.set(subject, count);
    const part = parts[subject.split('.').slice(-2).join('.')];
    return Promise.resolve(count > missing ? { record: part, seq: 1 } : { seq: 0 });
  };
  return new Archive({ read } as unknown as LeaderboardStore);
}

describe('a settled period', () => {
  it('is read again where a replica of NATS does not have a page yet', async () => {
    const entries = await archiveBehind(2).entries(board, period, head, 0, 3);
    expect(entries.map(({ playerId }) => playerId)).toEqual(['anna', 'ben', 'carl']);
  });

  it('knows its players where a replica does not have them yet', async () => {
    const found = await archiveBehind(2).player(board, period, head, 'carl');
    expect(found).toEqual({ entry: { rank: 3, playerId: 'carl', score: 7 }, position: 2 });
    expect(await archiveBehind(2).player(board, period, head, 'dan')).toBeUndefined();
  });

  it('is read and parsed once for questions that follow each other, of which no more than a few parts are kept', async () => {
    const read = jest.fn((_: string, subject: string) =>
      Promise.resolve({ record: parts[subject.split('.').slice(-2).join('.')] ?? pages[0], seq: 1 }),
    );
    const archive = new Archive({ read } as unknown as LeaderboardStore);
    const ask = (): Promise<unknown> => archive.entries(board, period, head, 0, 3);
    expect(await ask()).toEqual(await ask());
    expect(read).toHaveBeenCalledTimes(2);
    await archive.entries(board, period, { ...head, players: 200 }, 4, 100);
    await ask();
    expect(read).toHaveBeenCalledTimes(2 + 50 + 2);
  });

  it('is not given with a page missing', async () => {
    await expect(archiveBehind(Infinity).entries(board, period, head, 0, 3)).rejects.toBeInstanceOf(NotRead);
  });
});
