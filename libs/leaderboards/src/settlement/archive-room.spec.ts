import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNats } from '@ccgame/testing';
import { boardOf, openBoards, seedPeriod } from '../../test/boards-app.js';
import type { BoardOptions } from '../boards/board.js';
import { settledStream, settledSubject } from '../store/streams.js';
import { LeaderboardRewards, type SettledPage } from './rewards.js';
import type { SettleReport } from './settle-report.js';
import { SettlementService } from './settlement.service.js';

const dayMs = 86_400_000;
const reset = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };
const boards = ['large', 'small', 'unpaid'].map((name): BoardOptions => ({
  name,
  kind: 'sum',
  decimals: 0,
  reset,
}));

/** The rewards of one board always fail. */
class Rewards extends LeaderboardRewards {
  async reward({ board }: SettledPage): Promise<void> {
    if (board === 'unpaid') throw new Error('The shop is closed');
  }
}

describe('an archive that is full', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let job: INestApplicationContext;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    manager = await jetstreamManager(connection);
    job = await openBoards(nats.address, { boards, rewards: Rewards }, 'cron-0');
    await manager.streams.update(settledStream.name, { max_bytes: 400_000 });
  });
  afterAll(async () => {
    await job.close();
    await connection.close();
    await nats.destroy();
  });

  /** A period that ended so many days ago is played and settled. */
  async function settleDay(board: string, daysAgo: number, players: number): Promise<SettleReport> {
    const period = boardOf(job, board).periods.at(Date.now() - daysAgo * dayMs);
    await seedPeriod(job, board, period, players);
    return job.get(SettlementService).settle({ board, period: period.name });
  }

  /** How many days ago the periods are that a board has there, the newest first. */
  async function daysOf(board: string): Promise<number[]> {
    const filter = { subjects_filter: settledSubject(board, '*', 'head') };
    const { state } = await manager.streams.info(settledStream.name, filter);
    const { periods } = boardOf(job, board);
    const days = Array.from({ length: 20 }, (_, daysAgo) => daysAgo);
    const subjectOf = (daysAgo: number): string =>
      settledSubject(board, periods.at(Date.now() - daysAgo * dayMs).name, 'head');
    return days.filter((daysAgo) => subjectOf(daysAgo) in (state.subjects ?? {}));
  }

  it('loses the oldest periods of its largest board, and settles all that come', async () => {
    for (const daysAgo of [12, 11]) expect((await settleDay('small', daysAgo, 10)).failed).toEqual([]);
    expect((await settleDay('unpaid', 12, 10)).failed).toHaveLength(1);
    for (let daysAgo = 10; daysAgo >= 1; daysAgo -= 1)
      expect((await settleDay('large', daysAgo, 1_500)).failed).toEqual([]);
    expect((await settleDay('small', 1, 10)).failed).toEqual([]);
    expect(await daysOf('small')).toEqual([1, 11, 12]);
    expect(await daysOf('unpaid')).toEqual([12]);
    const kept = await daysOf('large');
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(kept.length).toBeLessThan(10);
    expect(kept).toEqual(kept.map((_, index) => index + 1));
  });

  it('loses nothing for a period that has no room there alone', async () => {
    const before = await daysOf('large');
    const { failed } = await settleDay('unpaid', 2, 8_000);
    expect(failed.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/8000 players .* the archive 400000/),
    ]);
    expect(await daysOf('large')).toEqual(before);
  });
});
