import { Injectable } from '@nestjs/common';
import { GameErrors, type TicketRecord, type TicketStatus } from '#contracts';
import { TicketStore } from '../store/ticket-store.js';

/** What a player may know of his ticket. Any server answers. */
@Injectable()
export class Statuses {
  constructor(private readonly store: TicketStore) {}

  /** Of the newest ticket, open or not. @throws RpcError NOT_FOUND; NotRead while NATS is away */
  async of(player: string): Promise<TicketStatus> {
    const ticket = (await this.store.ticketsOf([player])).get(player)?.record;
    if (!ticket) throw GameErrors.NOT_FOUND();
    return statusOf(ticket);
  }
}

function statusOf(ticket: TicketRecord): TicketStatus {
  const { ticketId, mode, since, state, players, matchId, reason } = ticket;
  return {
    ticketId,
    mode,
    waitingSinceMs: since,
    state,
    players,
    ...(matchId !== undefined && { matchId }),
    ...(reason !== undefined && { reason }),
  };
}
