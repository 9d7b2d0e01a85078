import { StoredMessage, type StoredRecords } from '@ccgame/jetstream';
import type { ScoreSubmitter } from '@ccgame/leaderboards';
import type { MatchRecord } from '@ccgame/matchmaker/store';
import type { NatsHealth } from '@ccgame/nats';
import type { NatsConnection } from '@nats-io/nats-core';
import { MatchResults } from './match-results.js';

const match: MatchRecord = {
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: [['anna'], ['ben']],
  createdAt: 0,
};
const joined: MatchRecord = { ...match, matchId: 'm2', backfillOf: 'm1', teams: [['cleo'], []] };
const scores = ['anna', 'cleo'].map((playerId) => ({ playerId, score: 1 }));

const stored = (record: MatchRecord): StoredMessage =>
  new StoredMessage(
    'NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\nNats-Sequence: 1\r\n\r\n',
    Buffer.from(JSON.stringify(record)),
  );

/** Reports a result. The replicas that answer have so many of a match's parts, one read after the other. */
async function report(...reads: MatchRecord[][]): Promise<unknown> {
  const last = reads.at(-1) ?? [];
  const records = {
    readMessages: () => Promise.resolve((reads.shift() ?? last).map(stored)),
    readRecord: () => Promise.resolve({ seq: 0 }),
  };
  const submitter = { submitResult: () => Promise.resolve({ record: { scores }, isRepeated: false }) };
  const results = new MatchResults(
    {} as NatsConnection,
    {} as NatsHealth,
    records as unknown as StoredRecords,
    submitter as unknown as ScoreSubmitter,
  );
  return results.storeResult('m1', scores);
}

describe('the result of a match', () => {
  it('is taken where a replica of NATS does not have the match yet', async () => {
    expect(await report([], [], [match, joined])).toMatchObject({ matchId: 'm1', scores });
  });

  it('is taken where a replica does not have a player yet who joined it', async () => {
    expect(await report([match], [match], [match], [match, joined])).toMatchObject({ matchId: 'm1', scores });
  });

  it('is refused for a match that is nowhere, and for a player who was not in it', async () => {
    await expect(report([])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(report([match])).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { playerIds: ['cleo'] },
    });
  });
});
