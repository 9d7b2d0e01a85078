import type { TicketRecord, TicketState } from '../contracts/matches.js';
import { NotStored } from '@ccgame/jetstream';
import { ticketMessages } from '../store/messages.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { WriteAttempt } from './until-stored.js';

/**
 * The messages that put a ticket as it is to be, closed or changed, in the place of the one that stands, under each of its players.
 *
 * @param from the state that it was found in
 * @throws NotStored, as a refused write would, when it is in another one by now
 */
export async function replaceTicket<T>(
  store: TicketStore,
  next: TicketRecord,
  then: T,
  from: TicketState = 'open',
): Promise<WriteAttempt<T>> {
  const stored = await store.ticketsOf(next.players);
  const isStill = next.players.every((player) => {
    const found = stored.get(player)?.record;
    if (found?.ticketId !== next.ticketId || found.state !== from) return false;
    return found.matchId === next.matchId;
  });
  if (!isStill) throw new NotStored('refused', 'The ticket changed meanwhile', 10071);
  return { write: ticketMessages(next, (one) => stored.get(one)?.seq ?? 0), then };
}
