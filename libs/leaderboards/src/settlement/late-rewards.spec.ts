import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { boardOf, openBoards, seedPeriod, until } from '../../test/boards-app.js';
import type { BoardOptions } from '../boards/board.js';
import { RankedScores } from '../ranking/ranked-scores.js';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { ArchiveRoom } from './archive-room.js';
import { ArchiveWriter } from './archive-writer.js';
import { RewardGiver } from './reward-giver.js';
import { LeaderboardRewards, type SettledPage } from './rewards.js';
import type { SettleReport } from './settle-report.js';
import { SettlementService } from './settlement.service.js';

const reset = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };
const keptFor = (name: string, seconds: number): BoardOptions => ({
  name,
  kind: 'sum',
  decimals: 0,
  reset,
  keepDays: seconds / 86_400,
});
const boards = [
  keptFor('failing', 8),
  keptFor('forgotten', 1),
  keptFor('broken-off', 3_600),
  keptFor('stuck', 3_600),
  keptFor('behind', 3_600),
];

class Rewards extends LeaderboardRewards {
  static given: string[] = [];
  static areFailing = true;
  static stuck = '';
  static refused = '';

  async reward({ key }: SettledPage): Promise<void> {
    if (Rewards.areFailing) throw new Error('The shop is closed');
    if (key === Rewards.refused) throw new Error('Not this one');
    if (key === Rewards.stuck) await new Promise(() => undefined);
    Rewards.given.push(key);
  }
}

describe('rewards of a settled period', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let job: INestApplicationContext;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    manager = await jetstreamManager(connection);
    job = await openBoards(nats.address, { boards, rewards: Rewards }, 'cron-0');
  });
  afterAll(async () => {
    await job.close();
    await connection.close();
    await nats.destroy();
  });
  beforeEach(() => {
    Rewards.areFailing = true;
    Rewards.given = [];
    Rewards.stuck = '';
    Rewards.refused = '';
  });

  /** Yesterday's period of a board, with 1,500 players. */
  async function playYesterday(board: string): Promise<string> {
    const { periods } = boardOf(job, board);
    const period = periods.before(periods.at(Date.now())) as ReturnType<typeof periods.at>;
    await seedPeriod(job, board, period, 1_500);
    return period.name;
  }

  const settle = (board: string): Promise<SettleReport> => job.get(SettlementService).settle({ board });

  async function countParts(board: string, period: string): Promise<number> {
    const filter = { subjects_filter: settledSubject(board, period, '>') };
    return Object.keys((await manager.streams.info(settledStream.name, filter)).state.subjects ?? {}).length;
  }

  it('are given in the end, though they fail for longer than the period is kept', async () => {
    const period = await playYesterday('failing');
    const startedAt = Date.now();
    const reasons = new Set<string>();
    const tryAgain = async (): Promise<boolean> => {
      for (const { reason } of (await settle('failing')).failed) reasons.add(reason);
      return Date.now() - startedAt > 14_000;
    };
    await untilHolds(tryAgain, { everyMs: 500 });
    expect([...reasons]).toEqual(['rewards failed of the pages 0, 1']);
    Rewards.areFailing = false;
    expect(await settle('failing')).toMatchObject({ settled: [{ period, players: 1_500 }], failed: [] });
    expect(Rewards.given).toHaveLength(2);
  });

  it('are told to be lost once, where no job ran for as long as the period was kept', async () => {
    const period = await playYesterday('forgotten');
    await settle('forgotten');
    await until(async () => (await countParts('forgotten', period)) === 0);
    const { failed } = await settle('forgotten');
    expect(failed).toEqual([{ board: 'forgotten', period, reason: expect.stringContaining('is gone') }]);
    expect((await settle('forgotten')).failed).toEqual([]);
  });

  it('have pages that stay as long as all the others, though an earlier run broke off after them', async () => {
    const scores = new RankedScores('highest');
    scores.set('anna', 1);
    const store = job.get(LeaderboardStore);
    const writer = new ArchiveWriter(store, new ArchiveRoom(store));
    const board = boardOf(job, 'broken-off');
    const write = () => writer.write(board, '20261128T000000Z', { startsAt: 0 }, scores);
    const seqOf = async (part: string): Promise<number | undefined> => {
      const subject = settledSubject('broken-off', '20261128T000000Z', part);
      return (await manager.streams.getMessage(settledStream.name, { last_by_subj: subject }))?.seq;
    };
    const times = await store.times(settledStream.name);
    // Asked for before the pages, and for the head.
    jest
      .spyOn(store, 'times')
      .mockResolvedValueOnce(times)
      .mockRejectedValueOnce(new Error('The job was killed'));
    await expect(write()).rejects.toThrow('killed');
    const before = (await seqOf('players.0')) as number;
    await write();
    for (const part of ['page.0', 'players.0', 'head']) expect(await seqOf(part)).toBeGreaterThan(before);
  });

  it('are given of all the other pages and boards, though one page never ends', async () => {
    const [stuck, behind] = [await playYesterday('stuck'), await playYesterday('behind')];
    const page = (board: string, period: string, index: number): string => `${board}.${period}.${index}`;
    Object.assign(job.get(RewardGiver), { pageMs: 100 });
    Rewards.areFailing = false;
    Rewards.stuck = page('stuck', stuck, 0);
    const failed = [{ board: 'stuck', period: stuck, reason: 'rewards failed of the pages 0' }];
    const first = await job.get(SettlementService).settle();
    expect(first.failed).toEqual(failed);
    expect(first.settled.map(({ board }) => board)).toEqual(['stuck', 'behind']);
    expect(Rewards.given).toEqual([page('behind', behind, 0), page('behind', behind, 1)]);
    Rewards.refused = page('stuck', stuck, 1);
    expect((await settle('stuck')).failed[0].reason).toBe('rewards failed of the pages 1, 0');
    // It comes before the one that never ends.
    Rewards.refused = '';
    expect((await settle('stuck')).failed).toEqual(failed);
    expect(Rewards.given.slice(2)).toEqual([page('stuck', stuck, 1)]);
    Rewards.stuck = '';
    expect((await settle('stuck')).failed).toEqual([]);
    expect(Rewards.given.slice(3)).toEqual([page('stuck', stuck, 0)]);
  });
});
