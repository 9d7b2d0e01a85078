import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Sanctions } from '@ccgame/sessions';
import type { TicketRecord } from '../contracts/matches.js';
import { isOpen } from '../store/messages.js';
import { MatchFeed } from '../view/match-feed.js';
import { OwnTickets } from './own-tickets.js';
import { TicketCanceller } from './ticket-canceller.js';

/** Takes a player whom an operator bans out of the queue, and out of a match that is proposed, or waits for its game server. */
@Injectable()
export class BannedPlayers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('matching');
  private endListening?: () => void;

  constructor(
    private readonly sanctions: Sanctions,
    private readonly feed: MatchFeed,
    private readonly own: OwnTickets,
    private readonly canceller: TicketCanceller,
  ) {}

  onApplicationBootstrap(): void {
    this.endListening = this.sanctions.onChange((player) => {
      const ticket = this.feed.view.ticketOf(player);
      if (ticket) void this.removeFrom([ticket]);
    });
  }

  onApplicationShutdown(): void {
    this.endListening?.();
  }

  /**
   * Never rejects: what fails is tried again by the next sweep. That also finds a ticket that was on its way to be stored when
   * its player was banned.
   */
  async removeFrom(tickets: readonly TicketRecord[]): Promise<void> {
    for (const ticket of tickets) {
      const banned = isOpen(ticket) && ticket.players.find((player) => this.isBanned(player));
      if (banned && this.own.isOwnTicket(ticket)) await this.removePlayer(banned, ticket);
    }
  }

  private isBanned(player: string): boolean {
    return this.sanctions.sanctionOf('ban', player) !== undefined;
  }

  private async removePlayer(player: string, { ticketId, mode }: TicketRecord): Promise<void> {
    try {
      const { outcome } = await this.canceller.cancelTicket(player, ticketId, 'banned');
      this.log.log({ event: 'ticket.player-banned', ticketId, mode, playerId: player, outcome });
    } catch (error) {
      this.log.warn({ event: 'ticket.not-closed', ticketId, mode, reason: 'banned', err: error });
    }
  }
}
