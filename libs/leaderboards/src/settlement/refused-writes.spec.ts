import { NotStored } from '@ccgame/jetstream';
import { checkBoards } from '../boards/board.js';
import type { LeaderboardStore } from '../store/leaderboard-store.js';
import { ResultLog } from '../submission/result-log.js';
import type { Archive } from './archive.js';
import { ArchiveRoom } from './archive-room.js';
import { ArchiveWriter } from './archive-writer.js';
import { PeriodSettler } from './period-settler.js';
import { RewardGiver } from './reward-giver.js';
import type { LeaderboardRewards } from './rewards.js';
import { RankedScores } from '../ranking/ranked-scores.js';

const [board] = checkBoards([
  { name: 'daily', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } },
]);
const period = '20261128T000000Z';
const head = { startsAt: 0, players: 2_500, decimals: 0, pageSize: 1_000, buckets: 3, settledAt: 0, by: 'x' };

/** A store where somebody else always writes first. */
function contendedStore(record?: object) {
  const write = jest.fn(() => Promise.reject(new NotStored('refused', 'wrong last sequence: 7', 10071)));
  const read = jest.fn(() => Promise.resolve({ record, seq: 7 }));
  const times = () => Promise.resolve({ created: '', firstSeq: 1, lastSeq: 1, now: 0 });
  return { write, read, times };
}

describe('a write that others always come before ends, and says that it may be tried again:', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  async function expectBusy(work: Promise<unknown>): Promise<void> {
    const ended = expect(work).rejects.toMatchObject({ code: 'BUSY', retryable: true });
    await jest.advanceTimersByTimeAsync(30_000);
    await ended;
  }
  const archive = { head: () => Promise.resolve(undefined), entries: () => Promise.resolve([]) };

  it('a result', async () => {
    const store = contendedStore();
    const log = new ResultLog(store as unknown as LeaderboardStore);
    await expectBusy(log.submit({ topic: 'daily', id: 'm1', scores: [{ playerId: 'anna', score: 1 }] }));
    expect(store.write).toHaveBeenCalledTimes(8);
  });

  it('the end of a period', async () => {
    const store = contendedStore({ startsAt: 0, lastSeq: 3 });
    const none = {} as never;
    const settler = new PeriodSettler(store as never, archive as never, none, none, none);
    await expectBusy(settler.settle(board, period));
    expect(store.write.mock.calls.length).toBeLessThanOrEqual(20);
  });

  it('a page of the archive', async () => {
    const scores = new RankedScores('highest');
    scores.set('anna', 1);
    const store = contendedStore();
    const writer = new ArchiveWriter(store as never, new ArchiveRoom(store as never));
    await expectBusy(writer.write(board, period, { startsAt: 0 }, scores));
    expect(store.write).toHaveBeenCalledTimes(8);
  });

  it('rewards, of which no page is given again meanwhile', async () => {
    const store = contendedStore({ nextPage: 1, failedPages: [] });
    const reward = jest.fn(() => Promise.resolve());
    const rewards = { reward } as unknown as LeaderboardRewards;
    const room = new ArchiveRoom(store as never);
    const giver = new RewardGiver(store as never, archive as unknown as Archive, rewards, room);
    await expectBusy(giver.give(board, period, head));
    expect(reward).toHaveBeenCalledTimes(1);
  });
});
