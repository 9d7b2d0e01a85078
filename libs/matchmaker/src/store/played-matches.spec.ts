import { DiscardPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { untilHolds } from '@ccgame/testing';
import { MatchStores } from '../../test/match-stores.js';
import { type MatchRecord, playedMatchesStream } from '../contracts/matches.js';

const match: MatchRecord = {
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: [['anna'], ['ben']],
  createdAt: 1,
  state: 'formed',
};

describe('matches that are played, whose stream alone takes nothing', () => {
  let stores: MatchStores;
  let manager: JetStreamManager;

  beforeAll(async () => {
    stores = await MatchStores.open();
    manager = await jetstreamManager(stores.connection);
  });
  afterAll(() => stores.close());

  it('make the server not ready before a match is lost, and ready again by themselves', async () => {
    const { health, played } = stores;
    const { name, max_bytes, discard } = playedMatchesStream;
    // No room, and nothing old is given up for it.
    await manager.streams.update(name, { max_bytes: 100, discard: DiscardPolicy.New });
    await untilHolds(() => health.storage.missing().length > 0, { timeoutMs: 15_000 });
    expect(health.storage.missing()).toEqual([name]);
    await expect(played.keep(match)).rejects.toThrow('maximum bytes exceeded');

    await manager.streams.update(name, { max_bytes, discard });
    await untilHolds(() => health.storage.missing().length === 0);
    await played.keep(match);
    expect(await played.find('m1')).toEqual(match);
  });

  it('are not mistaken for the message that tries the stream', async () => {
    await expect(stores.played.find('$probe')).rejects.toMatchObject({ code: 'INVALID' });
  });
});
