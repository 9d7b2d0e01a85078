import type { TicketRecord, TicketState } from '../contracts/matches.js';
import { MatchView } from './match-view.js';

const ticketOf = (ticketId: string, players: string[], state: TicketState = 'open'): TicketRecord => ({
  ticketId,
  players,
  mode: 'duel',
  version: '1.0.0000',
  attributes: {},
  since: 0,
  state,
});

/** Reads tickets, each once under each of its players, the leader's last. @returns the open ones, and what listeners heard last of each */
function readTickets(tickets: { ticket: TicketRecord; of?: string[] }[]): {
  open: string[];
  heard: Record<string, TicketState>;
} {
  const heard: Record<string, TicketState> = {};
  const listener = {
    ticketChanged: ({ ticketId, state }: TicketRecord) => void (heard[ticketId] = state),
    forgetAll: () => undefined,
  };
  const view = new MatchView(new Set([listener]));
  let seq = 0;
  for (const { ticket, of = [...ticket.players].reverse() } of tickets)
    for (const key of of)
      view.applyMessage({ kind: 'ticket', key, body: () => ticket, seq: (seq += 1), storedAt: 0 });
  return { open: [...view.openTickets.keys()], heard };
}

/** The stream keeps a player's newest message alone: a server that reads late never sees the end of the ticket before. */
describe('a ticket whose end was not read', () => {
  it('is over when its player opens another one', () => {
    const { open, heard } = readTickets([
      { ticket: ticketOf('t1', ['anna']) },
      { ticket: ticketOf('t2', ['anna']) },
    ]);
    expect(open).toEqual(['t2']);
    expect(heard).toEqual({ t1: 'expired', t2: 'open' });
  });

  it('is over when its leader is queued by another player', () => {
    const { open } = readTickets([
      { ticket: ticketOf('t1', ['anna', 'ben']) },
      { ticket: ticketOf('t1', ['anna', 'ben'], 'matched'), of: ['ben'] },
      { ticket: ticketOf('t2', ['cas', 'anna']) },
    ]);
    expect(open).toEqual(['t2']);
  });

  it('is over when one of its party opens another one', () => {
    const { open } = readTickets([
      { ticket: ticketOf('t1', ['anna', 'ben']) },
      { ticket: ticketOf('t2', ['ben']) },
    ]);
    expect(open).toEqual(['t2']);
  });

  it('is over when its player has had another one, which ended', () => {
    const { open } = readTickets([
      { ticket: ticketOf('t1', ['anna']) },
      { ticket: ticketOf('t2', ['anna'], 'matched') },
    ]);
    expect(open).toEqual([]);
  });

  it('stays where it only changes', () => {
    const { open } = readTickets([
      { ticket: ticketOf('t1', ['anna', 'ben']) },
      { ticket: ticketOf('t1', ['anna', 'ben'], 'proposed') },
    ]);
    expect(open).toEqual(['t1']);
  });
});

/** An operator's hand, an edited backup or another version may leave these in the place of a record. */
const unreadable: [what: string, text: string][] = [
  ['no JSON', 'no JSON'],
  ['null', 'null'],
  ['a number', '7'],
  ['a list', '[]'],
  ['an empty object', '{}'],
  ['players that are a text', JSON.stringify({ ...ticketOf('t9', ['anna']), players: 'anna' })],
  ['a ticket of others', JSON.stringify(ticketOf('t9', ['ben']))],
  ['no attributes', JSON.stringify({ ...ticketOf('t9', ['anna']), attributes: undefined })],
  ['a time that is a text', JSON.stringify({ ...ticketOf('t9', ['anna']), since: '0' })],
  ['a state that is none', JSON.stringify({ ...ticketOf('t9', ['anna']), state: 'waiting' })],
  ['a mode with a wildcard', JSON.stringify({ ...ticketOf('t9', ['anna']), mode: '*' })],
];

describe.each(unreadable)('a stream that has %s', (_, text) => {
  const day = 86_400_000;
  const body = () => JSON.parse(text) as unknown;
  const apply = (view: MatchView, kind: string, key: string): void => {
    const message = { kind, key, body, seq: view.position + 1, storedAt: 0 };
    expect(() => view.applyMessage(message)).toThrow();
    view.skip(message.seq);
  };

  it('in the place of a ticket has no such ticket, and the next one can be written over it', () => {
    const view = new MatchView(new Set());
    const other = ticketOf('t1', ['ben']);
    view.applyMessage({ kind: 'ticket', key: 'ben', body: () => other, seq: 1, storedAt: 0 });
    apply(view, 'ticket', 'anna');
    expect([...view.openTickets.keys()]).toEqual(['t1']);
    expect([view.seqOf('anna'), view.ticketOf('anna')]).toEqual([2, undefined]);
    // The look for what is old goes over all players.
    for (const step of view.forgetOld(day)) expect(step).toBeUndefined();
    expect([view.seqOf('anna'), view.seqOf('ben')]).toEqual([0, 1]);
  });

  it.each(['created', 'backfill', 'fence'])('in the place of a %s has none', (kind) => {
    const view = new MatchView(new Set());
    apply(view, kind, 'm1');
    expect([view.matches.size, view.backfills.size, view.fences.size]).toEqual([0, 0, 0]);
  });
});

it.each(['anna', 'ben'])(
  'what is no ticket, under %s of a party, takes theirs from no server that knew it',
  (key) => {
    const heard: TicketState[] = [];
    const ticketChanged = ({ state }: TicketRecord): void => void heard.push(state);
    const view = new MatchView(new Set([{ ticketChanged, forgetAll: () => undefined }]));
    const own = ticketOf('t1', ['anna', 'ben']);
    for (const [index, of] of ['ben', 'anna'].entries())
      view.applyMessage({ kind: 'ticket', key: of, body: () => own, seq: index + 1, storedAt: 0 });
    const message = { kind: 'ticket', key, body: () => 'none', seq: 3, storedAt: 0 };
    expect(() => view.applyMessage(message)).toThrow();
    expect([[...view.openTickets.keys()], heard]).toEqual([['t1'], ['open']]);
    expect([view.seqOf(key), view.ticketOf(key)]).toEqual([3, own]);
  },
);

it('a burst of joins that wait for what they wrote costs each message that is read no look at all of them', async () => {
  const view = new MatchView(new Set());
  const joins = 30_000;
  const read: number[] = [];
  const waits = Array.from({ length: joins }, (_, index) => {
    const seq = ((index * 7_919) % joins) + 1;
    return view.whenRead(seq).then(() => read.push(seq));
  });
  const before = process.cpuUsage();
  for (let seq = 1; seq <= joins; seq += 1) view.skip(seq);
  await Promise.all(waits);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  expect(read).toEqual([...read].sort((a, b) => a - b));
});
