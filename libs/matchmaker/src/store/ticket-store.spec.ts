import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import {
  backfillSubject,
  matchCreatedSubject,
  membershipSubject,
  playedSubject,
  type TicketRecord,
  ticketSubject,
} from '../contracts/matches.js';
import { NatsClock } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { ticketMessages } from './messages.js';
import { PlayedMatches } from './played-matches.js';
import { TicketStore } from './ticket-store.js';

describe('what stands in the stream and is no record', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: TicketStore;
  let played: PlayedMatches;
  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    store = new TicketStore(connection, health, new NatsClock(connection, health));
    played = new PlayedMatches(connection, health);
    await store.onModuleInit();
    await played.onModuleInit();
  });
  afterAll(async () => {
    store.onApplicationShutdown();
    played.onApplicationShutdown();
    store.clock.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  it.each([
    ['no-json', 'no JSON'],
    ['null', 'null'],
    ['list', '[]'],
    ['empty', '{}'],
    ['texts', '{"players":"eve","matchId":7,"teams":"eve","leader":7,"state":"open"}'],
    ['huge', `"${'x'.repeat(900_000)}"`],
  ])(
    'as %s: it is none, its place is known, and the record of the next player is read',
    async (id, payload) => {
      const good: TicketRecord = {
        ...{ ticketId: id, players: [`good-${id}`], mode: 'duel', version: '1.0.0000' },
        ...{ attributes: {}, since: 0, state: 'open' },
      };
      await store.writeBatch(ticketMessages(good, () => 0));
      const subjects = [
        ...[matchCreatedSubject(id), backfillSubject(id), ticketSubject(id), membershipSubject(id)],
        playedSubject(id, id),
      ];
      for (const subject of subjects) await store.writeBatch([{ subject, payload, expected: 0 }]);
      const tickets = await store.ticketsOf([id, `good-${id}`]);
      expect(tickets.get(id)?.record).toBeUndefined();
      expect(tickets.get(`good-${id}`)?.record).toEqual(good);
      expect((await store.membershipsOf([id])).get(id)?.record?.leader).toBeUndefined();
      expect(await store.readMatch(id)).toBeUndefined();
      expect((await store.readBackfill(id)).record).toBeUndefined();
      expect(await played.find(id)).toBeUndefined();
      const next: TicketRecord = { ...good, ticketId: `next-${id}`, players: [id] };
      await store.writeBatch(ticketMessages(next, (player) => tickets.get(player)?.seq ?? 0));
      expect((await store.ticketsOf([id])).get(id)?.record).toEqual(next);
    },
  );
});

describe('what stands in the stream and was not written by compare-and-set', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: TicketStore;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    store = new TicketStore(connection, health, new NatsClock(connection, health));
    await store.onModuleInit();
    for (const subject of [matchCreatedSubject('m'), backfillSubject('m'), ticketSubject('eve')])
      await connection.request(subject, JSON.stringify({ matchId: 'm', players: ['eve'], state: 'open' }));
  });
  afterAll(async () => {
    store.onApplicationShutdown();
    store.clock.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  it('is no match and no backfill', async () => {
    expect(await store.readMatch('m')).toBeUndefined();
    expect((await store.readBackfill('m')).record).toBeUndefined();
  });

  it('is no ticket, and keeps no player from getting one', async () => {
    const ticket: TicketRecord = {
      ticketId: 't',
      players: ['eve'],
      mode: 'duel',
      version: '1.0.0000',
      attributes: {},
      since: Date.now(),
      state: 'open',
    };
    const before = (await store.ticketsOf(['eve'])).get('eve');
    expect(before?.record).toBeUndefined();
    const seq = await store.writeBatch(ticketMessages(ticket, () => before?.seq ?? 0));
    expect((await store.ticketsOf(['eve'])).get('eve')).toEqual({ record: ticket, seq });
  });
});
