import type { TicketRecord } from '../contracts/matches.js';
import { NotStored } from '@ccgame/jetstream';
import { ticketMessages } from '../store/messages.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { WriteAttempt } from './until-stored.js';

/**
 * The messages that put a ticket as it is to be, closed or changed, in its open one's place, under each of its players.
 *
 * @throws NotStored, as a refused write would, when it is closed or proposed a match by now
 */
export async function replaceTicket<T>(
  store: TicketStore,
  next: TicketRecord,
  then: T,
): Promise<WriteAttempt<T>> {
  const stored = await store.ticketsOf(next.players);
  const isStill = next.players.every((player) => {
    const found = stored.get(player)?.record;
    return found?.ticketId === next.ticketId && found.state === 'open';
  });
  if (!isStill) throw new NotStored('refused', 'The ticket changed meanwhile', 10071);
  return { write: ticketMessages(next, (one) => stored.get(one)?.seq ?? 0), then };
}
