import { checkBoards } from '../boards/board.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import { settledStream } from '../store/streams.js';
import { ArchiveRoom } from './archive-room.js';
import { ArchiveWriter, expectedBytes } from './archive-writer.js';

const [board] = checkBoards([{ name: 'daily', kind: 'sum', decimals: 0 }]);
const players = 30_000;

function writerTo(given: object): ArchiveWriter {
  const store = given as LeaderboardStore;
  return new ArchiveWriter(store, new ArchiveRoom(store));
}

describe('the archive of a large period', () => {
  it('is written in short turns of the event loop', async () => {
    let turns = 0;
    let turnsAtLastPage = 0;
    let turnsOfPlayers = 0;
    const store = {
      write: ([{ subject }]: { subject: string }[]) => {
        if (subject.includes('.page.')) turnsAtLastPage = turns;
        else if (subject.includes('.players.') && turnsOfPlayers === 0)
          turnsOfPlayers = turns - turnsAtLastPage;
        return Promise.resolve(1);
      },
      times: () => Promise.resolve({ created: '', firstSeq: 1, lastSeq: 1, now: 0 }),
    };
    const scores = new RankedScores('highest');
    for (let index = 0; index < players; index += 1) scores.set(`player-${index}`, index);
    let isDone = false;
    const countTurns = (): void => {
      turns += 1;
      if (!isDone) setImmediate(countTurns);
    };
    setImmediate(countTurns);
    const writer = writerTo(store);
    await writer.write(board, '20261128T000000Z', { startsAt: 0 }, scores);
    isDone = true;
    expect(turnsOfPlayers).toBeGreaterThanOrEqual(players / 5_000 - 1);
  });

  it('has as many bytes a player as docs/leaderboards.md says, and is expected to have', async () => {
    let bytes = 0;
    const write = ([{ payload }]: { payload: string }[]): Promise<number> =>
      Promise.resolve((bytes += Buffer.byteLength(payload)));
    const times = () => Promise.resolve({ now: 0, limit: settledStream.max_bytes });
    const scores = new RankedScores('highest');
    // Ids of guests have some 25 characters.
    for (let index = 0; index < players; index += 1) scores.set(`${index}`.padStart(25, 'g'), index * 37);
    const expected = expectedBytes(scores);
    await writerTo({ write, times }).write(board, '20261128T000000Z', { startsAt: 0 }, scores);
    expect(bytes / players).toBeGreaterThan(85);
    expect(bytes / players).toBeLessThan(100);
    expect(expected / bytes).toBeGreaterThan(0.95);
    expect(expected / bytes).toBeLessThan(1.15);
    // A daily board of a million players has five days, and one of 150,000 its 35.
    expect(settledStream.max_bytes / (1_000_000 * 100)).toBeGreaterThan(5);
    expect(settledStream.max_bytes / (150_000 * 100)).toBeGreaterThan(35);
  });
});
