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
