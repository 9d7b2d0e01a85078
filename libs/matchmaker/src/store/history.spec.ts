import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type MatchRecord, matchesStream, playedMatchesStream, probeSubject } from '../contracts/matches.js';
import { NatsClock, StreamFollower } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { matchMessage } from './messages.js';
import { PlayedMatches } from './played-matches.js';
import { TicketStore } from './ticket-store.js';

const finished = 20_000;
const atOnce = 400;

describe('a server that starts after 20,000 matches', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let health: NatsHealth;
  let store: TicketStore;
  let played: PlayedMatches;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    health = new NatsHealth(connection);
    store = new TicketStore(connection, health, new NatsClock(connection, health));
    played = new PlayedMatches(connection, health);
    await store.onModuleInit();
    await played.onModuleInit();
    for (let from = 0; from < finished; from += atOnce) await playAll(from);
  }, 120_000);
  afterAll(async () => {
    store.onApplicationShutdown();
    store.clock.onApplicationShutdown();
    played.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  const match = (index: number): MatchRecord => ({
    matchId: `m${index}`,
    mode: 'duel',
    version: '1.0.0000',
    teams: [[`a${index}`], [`b${index}`]],
    createdAt: index,
    state: 'announced',
  });

  /** As the server that tells them writes them, minutes later: their time in the stream that all follow is a second here. */
  async function playAll(from: number): Promise<void> {
    const matches = Array.from({ length: atOnce }, (_, index) => match(from + index));
    const settled = matches.map((one) => {
      const message = matchMessage(one, 0);
      expect(message.ttlSeconds).toBeLessThanOrEqual(600);
      return { ...message, ttlSeconds: 1 };
    });
    await Promise.all([store.writeBatch(settled), ...matches.map((one) => played.keep(one))]);
  }

  it('reads none of them, and finds each of them when it is asked for', async () => {
    const manager = await jetstreamManager(connection);
    const messagesIn = async (stream: string): Promise<number> =>
      (await manager.streams.info(stream)).state.messages;
    // Each stream keeps one message more: what is written to see whether it is answered.
    while ((await messagesIn(matchesStream.name)) > 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await messagesIn(playedMatchesStream.name)).toBe(finished + 1);
    let read = 0;
    const follower = new StreamFollower(connection, health, {
      stream: matchesStream.name,
      onMessage: ({ subject }) => (read += subject === probeSubject ? 0 : 1),
    });
    await follower.caughtUp;
    await follower.close();
    expect(read).toBe(0);
    expect(await played.find('m17777')).toEqual(match(17_777));
  }, 90_000);
});
