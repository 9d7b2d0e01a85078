import { checkBoards } from '../boards/board.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import { ArchiveWriter } from './archive-writer.js';

const [board] = checkBoards([{ name: 'daily', kind: 'sum', decimals: 0 }]);
const players = 100_000;

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
    const writer = new ArchiveWriter(store as unknown as LeaderboardStore);
    await writer.write(board, '20261128T000000Z', { startsAt: 0 }, scores);
    isDone = true;
    expect(turnsOfPlayers).toBeGreaterThanOrEqual(players / 5_000 - 1);
  });
});
