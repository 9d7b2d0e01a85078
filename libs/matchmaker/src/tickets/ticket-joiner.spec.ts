import { NotStored } from '@ccgame/jetstream';
import type { PushService } from '@ccgame/sessions';
import type { ModeCatalogue } from '../catalogue/mode-catalogue.js';
import type { TicketRecord } from '../contracts/matches.js';
import type { Memberships, Tickets, TicketStore } from '../store/ticket-store.js';
import { MatchView } from '../view/match-view.js';
import type { MatchFeed } from '../view/match-feed.js';
import { TicketJoiner } from './ticket-joiner.js';
import type { WantedTickets } from './wanted-ticket.js';

const ticket = (ticketId: string): TicketRecord => ({
  ticketId,
  requestId: 'r1',
  players: ['anna', 'ben'],
  mode: 'duel',
  version: '1.0.0000',
  attributes: {},
  since: 0,
  state: 'open',
});

/** A joiner whose pushes fail as long as `isFull`, and the players that it told, by ticket. */
function setUp() {
  const told: string[] = [];
  const pushes = { isFull: false };
  let tries = 0;
  let stored: Tickets = new Map();
  const wanted = (): TicketRecord => ticket(`t${(tries += 1)}`);
  const joiner = new TicketJoiner(
    {
      health: { connected: true },
      ticketsOf: () => Promise.resolve(stored),
      membershipsOf: () => Promise.resolve(new Map([['ben', { record: { leader: 'anna' }, seq: 1 }]])),
      writeBatch: (messages: { subject: string; payload: string; expected: number }[]) => {
        if (messages.at(-1)?.expected !== (stored.get('anna')?.seq ?? 0))
          return Promise.reject(new NotStored('refused', 'wrong last sequence', 10071));
        const record = JSON.parse(messages.at(-1)?.payload ?? '') as TicketRecord;
        stored = new Map(record.players.map((player) => [player, { record, seq: 2 }]));
        return Promise.resolve(2);
      },
    } as unknown as TicketStore,
    { view: new MatchView(new Set()) } as unknown as MatchFeed,
    { get: () => ({ name: 'duel' }) } as unknown as ModeCatalogue,
    { ofPlayer: () => Promise.resolve(wanted()), ofServer: wanted } as unknown as WantedTickets,
    {
      toPlayers: (to: Iterable<string>, _: string, { ticketId }: { ticketId: string }) => {
        if (pushes.isFull) return Promise.reject(new Error('The push log is full'));
        told.push(...[...to].map((player) => `${ticketId} ${player}`));
        return Promise.resolve();
      },
    } as unknown as PushService,
  );
  return { joiner, told, pushes };
}

/** The leader's client, or the server that opens a ticket, tries again with the same request id. */
describe('a party whose ticket was stored, but not told', () => {
  it('hears of it by the next try', async () => {
    const { joiner, told, pushes } = setUp();
    pushes.isFull = true;
    await expect(joiner.joinQueue('anna', '1.0.0000', { mode: 'duel' })).rejects.toThrow('full');
    pushes.isFull = false;
    await joiner.joinQueue('anna', '1.0.0000', { mode: 'duel' });
    expect(told).toEqual(['t1 ben']);
  });

  it('hears of it by the next try of a server', async () => {
    const { joiner, told, pushes } = setUp();
    pushes.isFull = true;
    const request = { mode: 'duel', players: ['anna', 'ben'] };
    await expect(joiner.open('1.0.0000', request)).rejects.toThrow('full');
    pushes.isFull = false;
    await joiner.open('1.0.0000', request);
    expect(told).toEqual(['t1 anna', 't1 ben']);
  });
});

/** Any replica of a cluster of NATS answers a read, and one may not have yet what another server wrote a moment ago. */
describe('where a replica of NATS is behind', () => {
  const alone = (ticketId: string, change: Partial<TicketRecord> = {}): TicketRecord => ({
    ...ticket(ticketId),
    players: ['anna'],
    requestId: ticketId,
    ...change,
  });

  /** @param reads of the stream, one after the other, then the last one again; this server's view has what the first one has */
  function setUpCluster(wanted: TicketRecord, reads: Tickets[], parties: Memberships[] = [new Map()]) {
    const view = new MatchView(new Set());
    for (const [key, { record, seq }] of reads[0] ?? [])
      view.applyMessage({ kind: 'ticket', key, body: () => record, seq, storedAt: 0 });
    const nextOf = <T>(all: T[]): Promise<T> => Promise.resolve((all.length > 1 ? all.shift() : all[0]) as T);
    const expectedSeqs: unknown[] = [];
    const joiner = new TicketJoiner(
      {
        health: { connected: true, isClustered: true },
        ticketsOf: () => nextOf(reads),
        membershipsOf: () => nextOf(parties),
        writeBatch: (messages: { expected: number }[]) => {
          expectedSeqs.push(messages.map(({ expected }) => expected));
          return Promise.resolve(9);
        },
      } as unknown as TicketStore,
      { view } as unknown as MatchFeed,
      { get: () => ({ name: 'duel' }) } as unknown as ModeCatalogue,
      { ofPlayer: () => Promise.resolve(wanted) } as unknown as WantedTickets,
      { toPlayers: () => Promise.resolve() } as unknown as PushService,
    );
    return { expectedSeqs, join: () => joiner.joinQueue('anna', '1.0.0000', { mode: wanted.mode }) };
  }

  const standing = (record: TicketRecord, seq: number): Tickets => new Map([['anna', { record, seq }]]);
  const left = [
    standing(alone('t1'), 3),
    standing(alone('t1'), 3),
    standing(alone('t1', { state: 'cancelled' }), 5),
  ];

  it.each(['duel', 'trios'])('a player who has just left the queue joins anew (%s)', async (mode) => {
    const { join, expectedSeqs } = setUpCluster(alone('t2', { mode }), [...left]);
    expect(await join()).toMatchObject({ ticketId: 't2' });
    expect(expectedSeqs).toEqual([[5]]);
  });

  it('a player who has just joined the party is queued with it', async () => {
    const none: Memberships = new Map();
    const joined: Memberships = new Map([['ben', { record: { leader: 'anna' }, seq: 4 }]]);
    const { join, expectedSeqs } = setUpCluster(ticket('t2'), [new Map()], [none, none, joined]);
    expect(await join()).toMatchObject({ ticketId: 't2' });
    expect(expectedSeqs).toEqual([[4, 0, 0]]);
  });

  it('one whose ticket is open still gets it, and another mode is refused', async () => {
    const reads = [standing(alone('t1'), 3)];
    expect(await setUpCluster(alone('t2'), reads).join()).toMatchObject({ ticketId: 't1' });
    const { join } = setUpCluster(alone('t2', { mode: 'trios' }), reads);
    await expect(join()).rejects.toMatchObject({ code: 'ALREADY_QUEUED' });
  });
});
