import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { boardsBucket, dayOf, type SettledBoard } from './boards.js';
import { type MatchResultRecord, matchResultsStream, matchResultSubject } from '@ccgame/matchmaker';
import { type NatsServer, startNats } from '@ccgame/testing';
import { SettleLeaderboardJob } from './settle-leaderboard.job.js';

const dayMs = 24 * 3600 * 1000;

describe('the job settleLeaderboard', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  const today = dayOf(Date.now());

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    await (await jetstreamManager(connection)).streams.add(matchResultsStream);
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  async function report(matchId: string, board: string, scores: Record<string, number>): Promise<void> {
    const list = Object.entries(scores).map(([playerId, score]) => ({ playerId, score }));
    const record: MatchResultRecord = { matchId, board, version: '1.0.0000', scores: list };
    const expect = { lastSubjectSequence: 0 };
    await jetstream(connection).publish(matchResultSubject(matchId), JSON.stringify(record), { expect });
  }

  async function settled(board: string): Promise<{ revision: number; value: SettledBoard } | undefined> {
    const entry = await (await new Kvm(connection).create(boardsBucket)).get(`${board}.${today}`);
    return entry ? { revision: entry.revision, value: entry.json() } : undefined;
  }

  it('leaves the day that is not over alone', async () => {
    await report('a', 'duel', { anna: 3, ben: 1 });
    await new SettleLeaderboardJob(connection).run();
    expect(await settled('duel')).toBeUndefined();
  });

  it('closes a day that is over, each board by itself, and once for ten pods at a time', async () => {
    await report('b', 'duel', { anna: 1, carl: 4 });
    await report('c', 'siege', { dora: 7 });
    const pods = Array.from({ length: 10 }, () =>
      new SettleLeaderboardJob(connection).run(Date.now() + dayMs),
    );
    await Promise.all(pods);
    expect((await settled('duel'))?.value.entries).toEqual([
      { rank: 1, playerId: 'anna', score: 4 },
      { rank: 1, playerId: 'carl', score: 4 },
      { rank: 3, playerId: 'ben', score: 1 },
    ]);
    expect((await settled('siege'))?.value.entries).toEqual([{ rank: 1, playerId: 'dora', score: 7 }]);
  });

  it('goes by nothing that was not written by compare-and-set', async () => {
    const forged = { board: 'duel', scores: [{ playerId: 'eve', score: 1_000 }] };
    await connection.request(matchResultSubject('forged'), JSON.stringify({ ...forged, board: 'raid' }));
    await report('d', 'raid', { anna: 2 });
    await (await new Kvm(connection).open(boardsBucket)).put(`raid.${today}`, JSON.stringify(forged));
    await new SettleLeaderboardJob(connection).run(Date.now() + dayMs);
    expect((await settled('raid'))?.value.entries).toEqual([{ rank: 1, playerId: 'anna', score: 2 }]);
  });

  it('changes nothing when it runs again', async () => {
    const before = await settled('duel');
    await new SettleLeaderboardJob(connection).run(Date.now() + dayMs);
    expect(await settled('duel')).toEqual(before);
  });
});
