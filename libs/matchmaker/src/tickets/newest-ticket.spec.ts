import { NotStored } from '@ccgame/jetstream';
import type { MatchAnnouncer } from '../matches/match-announcer.js';
import type { ReadyChecks } from '../matches/ready-checks.js';
import type { TicketRecord } from '../contracts/matches.js';
import type { Standing, TicketStore } from '../store/ticket-store.js';
import type { MatchFeed } from '../view/match-feed.js';
import { Parties } from './parties.js';
import { TicketCanceller } from './ticket-canceller.js';
import { TicketStatusReader } from './ticket-status-reader.js';

const ticket: TicketRecord = {
  ticketId: 't2',
  mode: 'duel',
  players: ['anna', 'ben'],
  version: '1.0.0000',
  attributes: {},
  since: 0,
  state: 'open',
};
const newest: Standing<TicketRecord> = { record: ticket, seq: 7 };
const older: Standing<TicketRecord> = {
  record: { ...ticket, ticketId: 't1', state: 'cancelled' },
  seq: 3,
};

/** @param replicas what each read of a ticket finds; then the newest. @param known what this server's view has */
function setUp(replicas: (Standing<TicketRecord> | undefined)[], known?: Standing<TicketRecord>) {
  const written: { subject: string; expected?: number }[] = [];
  const store = {
    clock: { now: () => 1_000 },
    health: { connected: true },
    ticketsOf: (players: string[]) => {
      const found = replicas.length > 0 ? replicas.shift() : newest;
      return Promise.resolve(new Map(found && players.map((player) => [player, found])));
    },
    membershipsOf: () => Promise.resolve(new Map()),
    writeBatch: (messages: typeof written) => Promise.resolve(written.push(...messages)),
  } as unknown as TicketStore;
  const view = {
    ticketOf: () => known?.record,
    seqOf: () => known?.seq ?? 0,
    reachedWithin: () => Promise.resolve(true),
  };
  const feed = { view } as unknown as MatchFeed;
  const announcer = { announceClosedTicket: () => Promise.resolve() } as unknown as MatchAnnouncer;
  const canceller = new TicketCanceller(store, feed, {} as ReadyChecks, announcer);
  return {
    store,
    canceller,
    parties: new Parties(store, feed, canceller),
    reader: new TicketStatusReader(store, feed, {
      partitionOfTicket: () => undefined,
    } as never),
    tickets: () =>
      written.filter(({ subject }) => subject.includes('.ticket.')).map(({ expected }) => expected),
  };
}

describe('where a replica of NATS does not have a ticket yet', () => {
  it.each([[[undefined, undefined]], [[older, older]]])(
    'a player leaves the queue (%#)',
    async (replicas) => {
      const { canceller, tickets } = setUp(replicas, newest);
      expect(await canceller.cancelTicket('anna')).toEqual({ outcome: 'left' });
      expect(tickets()).toEqual([7, 7]);
    },
  );

  it('one who names it leaves, though this server has not read of it either', async () => {
    const { canceller, tickets } = setUp([undefined, older]);
    expect(await canceller.cancelTicket('anna', 't2')).toEqual({ outcome: 'left' });
    expect(tickets()).toEqual([7, 7]);
  });

  it('one who names another is not found', async () => {
    const { canceller } = setUp([], newest);
    await expect(canceller.cancelTicket('anna', 't1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a player who leaves the party takes it along', async () => {
    const { parties, tickets } = setUp([undefined, undefined], newest);
    await parties.leave('ben');
    expect(tickets()).toEqual([7, 7]);
  });

  it('a player leaves a party that was joined a moment ago', async () => {
    const { store, parties } = setUp([]);
    const joined = new Map([['ben', { record: { leader: 'anna' }, seq: 5 }]]);
    const reads = [new Map(), joined];
    const expectedSeqs: unknown[] = [];
    Object.assign(store, {
      ticketsOf: () => Promise.resolve(new Map()),
      membershipsOf: () => Promise.resolve(reads.shift()),
      writeBatch: ([{ expected }]: { expected: number }[]) => {
        expectedSeqs.push(expected);
        return expected === 5 ? Promise.resolve(6) : Promise.reject(new NotStored('refused', 'x', 10071));
      },
    });
    await parties.leave('ben');
    expect(expectedSeqs).toEqual([0, 5]);
  });

  it('a player is told of it', async () => {
    const { reader } = setUp([undefined, older], newest);
    expect(await reader.statusOf('anna')).toMatchObject({ ticketId: 't2', state: 'open' });
  });

  it('a player whose ticket is over is told so at once', async () => {
    const { canceller } = setUp([older], older);
    expect(await canceller.cancelTicket('anna')).toEqual({ outcome: 'not-waiting' });
  });
});
