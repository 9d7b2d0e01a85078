import { DiscardPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsClock } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { type MatchRecord, playedMatchesStream } from '../contracts/matches.js';
import { PlayedMatches } from './played-matches.js';
import { TicketStore } from './ticket-store.js';

const match: MatchRecord = {
  matchId: 'm1',
  mode: 'duel',
  version: '1.0.0000',
  teams: [['anna'], ['ben']],
  createdAt: 1,
  state: 'formed',
};

describe('matches that are played, whose stream alone takes nothing', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let health: NatsHealth;
  let store: TicketStore;
  let played: PlayedMatches;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    manager = await jetstreamManager(connection);
    health = new NatsHealth(connection);
    store = new TicketStore(connection, health, new NatsClock(connection, health));
    played = new PlayedMatches(connection, health);
    await store.onModuleInit();
    await played.onModuleInit();
  });
  afterAll(async () => {
    store.onApplicationShutdown();
    store.clock.onApplicationShutdown();
    played.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  it('make the server not ready before a match is lost, and ready again by themselves', async () => {
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
    await expect(played.find('$probe')).rejects.toMatchObject({ code: 'INVALID' });
  });
});
