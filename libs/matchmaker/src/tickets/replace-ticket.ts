import type { TicketRecord } from '../contracts/matches.js';
import { NotStored } from '@ccgame/jetstream';
import { ticketMessages } from '../store/messages.js';
import type { TicketStore } from '../store/ticket-store.js';
import type { WriteAttempt } from './until-stored.js';

/**
 * The messages that change a ticket, under each of its players.
 *
 * @param before as it was found
 * @throws NotStored, as a refused write would, when it is another one, or in another state or match, by now
 */
export async function replaceTicket<T>(
  store: TicketStore,
  before: TicketRecord,
  change: Partial<TicketRecord>,
  then: T,
): Promise<WriteAttempt<T>> {
  const { players, ticketId, state, matchId } = before;
  const stored = await store.ticketsOf(players);
  const isStill = players.every((player) => {
    const standing = stored.get(player);
    // A message that is no record has the ticket written over it.
    if (standing && !standing.record) return true;
    const found = standing?.record;
    return found?.ticketId === ticketId && found.state === state && found.matchId === matchId;
  });
  if (!isStill) throw new NotStored('refused', 'The ticket changed meanwhile', 10071);
  return { write: ticketMessages({ ...before, ...change }, (one) => stored.get(one)?.seq ?? 0), then };
}
