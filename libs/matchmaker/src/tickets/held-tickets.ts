import { Injectable, Logger } from '@nestjs/common';
import type { MatchRecord, TicketRecord } from '../contracts/matches.js';
import { MatchAnnouncer } from '../matches/match-announcer.js';
import { knownEverywhereMs } from '../matches/tickets-of-match.js';
import { metrics } from '../metrics.js';
import { TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { replaceTicket } from './replace-ticket.js';
import { untilStored } from './until-stored.js';

const isUnderWay = (match: MatchRecord | undefined): boolean =>
  match?.state === 'proposed' || match?.state === 'allocating';

/**
 * Frees tickets that are held by a match which is over, or gone: no step of it comes any more, and their players could not queue until
 * the stream forgets them, a week later. Each match frees its own tickets, so this is the way out of a fault.
 */
@Injectable()
export class HeldTickets {
  private readonly log = new Logger('matching');

  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly announcer: MatchAnnouncer,
  ) {}

  /** Never rejects: what fails is tried again by the next sweep. @param tickets that are proposed */
  async freeForgotten(tickets: readonly TicketRecord[]): Promise<void> {
    const { view } = this.feed;
    for (const ticket of tickets) {
      const [leader = ''] = ticket.players;
      const heldMs = this.store.clock.now() - view.storedAtOf(leader);
      if (heldMs > knownEverywhereMs && !view.matches.has(ticket.matchId ?? ''))
        await this.freeTicket(ticket);
    }
  }

  private async freeTicket(ticket: TicketRecord): Promise<void> {
    const { ticketId, mode, players, leaving, matchId = '' } = ticket;
    // A player who wanted to leave where the match comes to nothing.
    const change: Partial<TicketRecord> =
      leaving === undefined
        ? { state: 'open', matchId: undefined }
        : { state: 'cancelled', reason: 'cancelled', leaving: undefined };
    try {
      const isFree = await untilStored(this.store, async (isFirst) => {
        // A ticket that changes meanwhile is looked at again by the next sweep.
        if (!isFirst || isUnderWay((await this.store.readMatch(matchId))?.record)) return { done: false };
        return replaceTicket(this.store, ticket, change, true);
      });
      if (!isFree) return;
      this.log.error({ event: 'ticket.freed', ticketId, mode, matchId });
      if (leaving === undefined) return;
      metrics.closed.inc({ mode, reason: 'cancelled' });
      await this.announcer.announceClosedTicket(
        { ticketId, mode, reason: 'cancelled', by: leaving },
        players,
      );
    } catch (error) {
      this.log.warn({ event: 'ticket.not-freed', ticketId, mode, matchId, err: error });
    }
  }
}
