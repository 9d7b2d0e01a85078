import type { TicketRecord } from '#contracts';
import { NotStored } from '#sessions';
import { isOpen, ticketMessages } from '../store/messages.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { Attempt } from './until-stored.js';

/**
 * The messages that put a closed ticket in its open one's place, under each of its players.
 *
 * @throws NotStored, as a refused write would, when it isn't open any more
 */
export async function closeTicket<T>(store: TicketStore, closed: TicketRecord, then: T): Promise<Attempt<T>> {
  const stored = await store.ticketsOf(closed.players);
  const isStill = closed.players.every((player) => {
    const found = stored.get(player)?.record;
    return found?.ticketId === closed.ticketId && isOpen(found);
  });
  if (!isStill) throw new NotStored('refused', 'The ticket changed meanwhile', 10071);
  return { write: ticketMessages(closed, (one) => stored.get(one)?.seq ?? 0), then };
}
