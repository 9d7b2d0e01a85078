import { Injectable } from '@nestjs/common';
import { GameErrors, type LeftMatching, type TicketClosedPush, type TicketRecord } from '#contracts';
import { PushService } from '#sessions';
import { isOpen } from '../store/messages.js';
import { TicketStore } from '../store/ticket-store.js';
import { closeTicket } from './close-ticket.js';
import { untilStored } from './until-stored.js';

/** Closes tickets for players who don't want to wait any more. Of a party, anybody's word ends it for all. */
@Injectable()
export class Cancelling {
  constructor(
    private readonly store: TicketStore,
    private readonly push: PushService,
  ) {}

  /**
   * @param ticketId only this one; whatever the player has when left out
   * @throws RpcError NOT_FOUND when that ticket isn't his; TIMEOUT
   */
  async cancel(player: string, ticketId?: string): Promise<LeftMatching> {
    let closed: TicketRecord | undefined;
    const outcome = await untilStored<LeftMatching['outcome']>(this.store, async () => {
      const own = (await this.store.ticketsOf([player])).get(player)?.record;
      if (ticketId !== undefined && own?.ticketId !== ticketId) throw GameErrors.NOT_FOUND();
      if (own?.state === 'cancelled' && own.ticketId === closed?.ticketId) return { done: 'left' };
      if (!own || !isOpen(own)) return { done: own?.state === 'matched' ? 'matched' : 'not-waiting' };
      // Who was proposed a match declines it instead.
      if (own.state === 'proposed') return { done: 'matched' };
      closed = { ...own, state: 'cancelled', reason: 'cancelled' };
      return closeTicket(this.store, closed, 'left' as const);
    });
    if (outcome === 'left' && closed && closed.players.length > 1) await this.tell(closed, player);
    return { outcome };
  }

  private async tell({ ticketId, mode, players }: TicketRecord, by: string): Promise<void> {
    const others = players.filter((player) => player !== by);
    const push: TicketClosedPush = { ticketId, mode, reason: 'cancelled', by };
    await this.push.toPlayers(others, 'ticket.closed', push, { id: `closed-${ticketId}` });
  }
}
