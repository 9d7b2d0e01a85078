import type { MatchRecord, MatchState, TicketRecord } from '../contracts/matches.js';
import type { TicketClosedPush } from '../contracts/matching-pushes.js';
import type { MatchAnnouncer } from '../matches/match-announcer.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { MatchFeed } from '../view/match-feed.js';
import { MatchView } from '../view/match-view.js';
import { HeldTickets } from './held-tickets.js';

const ticket: TicketRecord = {
  ticketId: 't1',
  players: ['anna', 'ben'],
  mode: 'duel',
  version: '1.0.0000',
  attributes: {},
  since: 7,
  state: 'proposed',
  matchId: 'm1',
};

interface Situation {
  /** How long the ticket has been held, ms. */
  heldMs?: number;
  /** In the stream; none when left out. */
  match?: MatchState;
  /** Whether this server knows it as one that is under way. */
  isKnown?: boolean;
  /** A player who wanted to leave while the match waited for its game server. */
  leaving?: string;
}

/** The players who were told that the ticket is closed, and why. */
let told: string[];

/** @returns the tickets as they were written */
async function look({
  heldMs = 60_001,
  match,
  isKnown = false,
  leaving,
}: Situation): Promise<TicketRecord[]> {
  const written: TicketRecord[] = [];
  const held = { ...ticket, ...(leaving !== undefined && { leaving }) };
  const view = new MatchView(new Set());
  for (const [index, key] of ['ben', 'anna'].entries())
    view.applyMessage({ kind: 'ticket', key, body: () => held, seq: index + 1, storedAt: 0 });
  const record = { matchId: 'm1', state: match } as MatchRecord;
  if (isKnown) view.matches.set('m1', { record, seq: 3 });
  const store = {
    clock: { now: () => heldMs },
    health: { connected: true },
    readMatch: () => Promise.resolve(match && { record, seq: 3 }),
    ticketsOf: () =>
      Promise.resolve(new Map(ticket.players.map((player) => [player, { record: held, seq: 2 }]))),
    writeBatch: (messages: { payload: string }[]) => {
      written.push(...messages.map(({ payload }) => JSON.parse(payload) as TicketRecord));
      return Promise.resolve(4);
    },
  } as unknown as TicketStore;
  const announcer = {
    announceClosedTicket: (push: TicketClosedPush, players: readonly string[]) => {
      told.push(`${push.reason} by ${push.by}: ${players.join()}`);
      return Promise.resolve();
    },
  } as unknown as MatchAnnouncer;
  await new HeldTickets(store, { view } as unknown as MatchFeed, announcer).freeForgotten([held]);
  return written;
}

describe('a ticket that a match holds', () => {
  beforeEach(() => (told = []));

  it('is closed where a player wanted to leave by then, and its players are told', async () => {
    const [, ben] = await look({ leaving: 'anna' });
    expect(ben).toEqual({ ...ticket, state: 'cancelled', reason: 'cancelled' });
    expect(told).toEqual(['cancelled by anna: anna,ben']);
  });

  it.each<Situation>([{}, { match: 'cancelled' }, { match: 'announced' }])(
    'is free again where the match is gone or over (%o)',
    async (situation) => {
      const { matchId: _, ...free } = ticket;
      expect(await look(situation)).toEqual([
        { ...free, state: 'open' },
        { ...free, state: 'open' },
      ]);
    },
  );

  it.each<Situation>([
    { match: 'proposed', isKnown: true },
    { match: 'allocating' },
    { match: 'cancelled', heldMs: 59_999 },
  ])('stays in it where the match may go on (%o)', async (situation) => {
    expect(await look(situation)).toEqual([]);
  });
});
