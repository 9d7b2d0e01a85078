import type { CancelReason, MatchRecord, TicketRecord } from '../contracts/matches.js';
import type { ExpectingMessage } from '@ccgame/jetstream';
import { matchMessage, ticketMessages } from '../store/messages.js';
import type { Stored, Tickets } from '../store/ticket-store.js';

/** The changes that one batch makes to a match and its tickets. */
export interface MatchOutcome {
  record: MatchRecord;
  messages: ExpectingMessage[];
}

/** The match stands, and its tickets are matched. Undefined: not all of them are in it any more. */
export function confirmMatch(match: Stored<MatchRecord>, stored: Tickets): MatchOutcome | undefined {
  const tickets = ticketsIn(match.record, stored);
  if (tickets.length !== match.record.tickets?.length) return undefined;
  const record: MatchRecord = { ...match.record, state: 'formed' };
  return outcomeOf(match, stored, record, (ticket) => ({ ...ticket, state: 'matched' }), tickets);
}

/** A ticket whose matches get no game server leaves the queue after so many: its players would be told so for ever. */
const mostUnserved = 3;

/**
 * The match does not come about. The tickets of those who decline it, or wanted to leave meanwhile, are closed; the others are open again, with the waiting time
 * that they had.
 */
export function cancelMatch(
  match: Stored<MatchRecord>,
  stored: Tickets,
  reason: CancelReason,
  declining: string[],
): MatchOutcome {
  const tickets = ticketsIn(match.record, stored);
  const leaving = tickets.flatMap((ticket) => ticket.leaving ?? []);
  const blamed = [...declining, ...leaving];
  const isBlamed = ({ players }: TicketRecord): boolean => players.some((one) => blamed.includes(one));
  const isUnserved = ({ unserved = 0 }: TicketRecord): boolean =>
    reason === 'no-game-server' && unserved + 1 >= mostUnserved;
  const isDropped = (ticket: TicketRecord): boolean => isBlamed(ticket) || isUnserved(ticket);
  const dropped = tickets.filter(isDropped).flatMap(({ players }) => players);
  const record: MatchRecord = { ...match.record, state: 'cancelled', reason, blamed, dropped };
  const after = (ticket: TicketRecord): TicketRecord => {
    if (isBlamed(ticket)) return { ...ticket, state: 'declined', reason };
    if (isUnserved(ticket)) return { ...ticket, state: 'expired', reason };
    const { matchId: _, ...free } = ticket;
    const unserved = reason === 'no-game-server' && { unserved: (ticket.unserved ?? 0) + 1 };
    return { ...free, ...unserved, state: 'open' };
  };
  return outcomeOf(match, stored, record, after, tickets);
}

function outcomeOf(
  match: Stored<MatchRecord>,
  stored: Tickets,
  record: MatchRecord,
  after: (ticket: TicketRecord) => TicketRecord,
  tickets: TicketRecord[],
): MatchOutcome {
  const messages = tickets.flatMap((ticket) =>
    ticketMessages(after(ticket), (player) => stored.get(player)?.seq ?? 0),
  );
  // The record last: a reader of it has read its tickets.
  return { record, messages: [...messages, matchMessage(record, match.seq)] };
}

/** Those that are still held by the match. */
function ticketsIn({ matchId }: MatchRecord, stored: Tickets): TicketRecord[] {
  const held = [...stored.values()]
    .flatMap(({ record }) => record ?? [])
    .filter((ticket) => ticket.state === 'proposed' && ticket.matchId === matchId);
  return [...new Map(held.map((ticket) => [ticket.ticketId, ticket])).values()];
}
