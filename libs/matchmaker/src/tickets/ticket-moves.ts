import { Injectable, Logger } from '@nestjs/common';
import type { TicketRecord } from '../contracts/matches.js';
import { ReleaseService } from '@ccgame/releases';
import type { Whereabouts } from '@ccgame/sessions';
import { queueFor, queueOf } from '../catalogue/queue-of.js';
import { TicketStore } from '../store/ticket-store.js';
import { PartitionPools } from '../view/partition-pools.js';
import { replaceTicket } from './replace-ticket.js';
import { untilStored } from './until-stored.js';

/** Each is a read and a write. */
const mostAtOnce = 32;

/** Lets tickets follow their leaders' sessions into another version's queue, with their waiting time. */
@Injectable()
export class TicketMoves {
  private readonly log = new Logger('matching');

  constructor(
    private readonly store: TicketStore,
    private readonly pools: PartitionPools,
    private readonly releases: ReleaseService,
  ) {}

  /** Whether the ticket's leader went on in a version that it can't follow to: the two share no matches. */
  isLeftBehind(ticket: TicketRecord, players: Map<string, Whereabouts>): boolean {
    return this.queueFor(ticket, players) === undefined;
  }

  /** Resolves when each of them was tried. */
  async followLeader(tickets: TicketRecord[], players: Map<string, Whereabouts>): Promise<void> {
    const moved = tickets.flatMap((ticket) => {
      const movedTo = this.queueFor(ticket, players);
      const stays = movedTo === undefined || movedTo === queueOf(ticket) || this.pools.servesVersion(movedTo);
      return stays ? [] : [{ ticket, movedTo }];
    });
    for (let from = 0; from < moved.length; from += mostAtOnce)
      await Promise.all(
        moved.slice(from, from + mostAtOnce).map((one) => this.moveTicket(one.ticket, one.movedTo)),
      );
  }

  private queueFor(ticket: TicketRecord, players: Map<string, Whereabouts>): string | undefined {
    return queueFor(ticket, players.get(ticket.players[0] ?? '')?.version, this.releases.currentTable());
  }

  /** Never rejects: one that fails is looked at again by the next sweep. */
  private async moveTicket(ticket: TicketRecord, movedTo: string): Promise<void> {
    const { ticketId, mode } = ticket;
    const isMoved = await untilStored(this.store, async (isFirst) => {
      // A ticket that changes meanwhile is looked at again by the next sweep.
      if (!isFirst) return { done: false };
      return replaceTicket(this.store, ticket, { movedTo }, true);
    }).catch((error: unknown) => {
      this.log.warn({ event: 'ticket.not-moved', ticketId, mode, movedTo, err: error });
      return false;
    });
    if (isMoved) this.log.debug({ event: 'ticket.moved', ticketId, mode, movedTo });
  }
}
