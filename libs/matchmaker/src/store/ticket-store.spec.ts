import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import {
  backfillSubject,
  matchCreatedSubject,
  type TicketRecord,
  ticketSubject,
} from '../contracts/matches.js';
import { NatsClock } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { ticketMessages } from './messages.js';
import { TicketStore } from './ticket-store.js';

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
