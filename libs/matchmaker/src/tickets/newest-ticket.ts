import { readAgain } from '@ccgame/jetstream';
import type { TicketRecord } from '../contracts/matches.js';
import { isOpen } from '../store/messages.js';
import type { Standing, TicketStore } from '../store/ticket-store.js';
import type { MatchView } from '../view/match-view.js';

/**
 * Reads a player's newest ticket, open or not. A replica of NATS is behind, and is asked again, where this server knows of a newer one
 * that is open, or where the player names another one.
 *
 * @throws NotRead
 */
export async function newestTicket(
  store: TicketStore,
  view: MatchView,
  player: string,
  ticketId?: string,
): Promise<Standing<TicketRecord> | undefined> {
  let found: Standing<TicketRecord> | undefined;
  await readAgain(async () => {
    found = (await store.ticketsOf([player])).get(player);
    const known = view.ticketOf(player);
    const isBehind = known && isOpen(known) && view.seqOf(player) > (found?.seq ?? 0);
    const isOther = ticketId !== undefined && found?.record?.ticketId !== ticketId;
    return isBehind || isOther ? undefined : true;
  });
  return found;
}
