import { Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { type LeftMatching } from '../contracts/matching.js';
import { type TicketRecord } from '../contracts/matches.js';
import { MatchAnnouncer } from '../matches/match-announcer.js';
import { ReadyChecks } from '../matches/ready-checks.js';
import { metrics } from '../metrics.js';
import { isOpen } from '../store/messages.js';
import { TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { newestTicket } from './newest-ticket.js';
import { replaceTicket } from './replace-ticket.js';
import { type WriteAttempt, untilStored } from './until-stored.js';

type Outcome = LeftMatching['outcome'];

/** Closes tickets for players who don't want to wait any more. Any member of a party ends it for all. */
@Injectable()
export class TicketCanceller {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly readyChecks: ReadyChecks,
    private readonly announcer: MatchAnnouncer,
  ) {}

  /**
   * A player who was proposed a match declines it by this; while a game server is asked for, the wish is kept for afterwards.
   *
   * @param ticketId only this one; whatever the player has when left out
   * @param reason why, for the others of its party
   * @throws RpcError NOT_FOUND when that ticket isn't the player's; TIMEOUT
   */
  async cancelTicket(player: string, ticketId?: string, reason = 'cancelled'): Promise<LeftMatching> {
    let closed: TicketRecord | undefined;
    let declined: string | undefined;
    const outcome = await untilStored<Outcome>(this.store, async (): Promise<WriteAttempt<Outcome>> => {
      const own = (await newestTicket(this.store, this.feed.view, player, ticketId))?.record;
      if (ticketId !== undefined && own?.ticketId !== ticketId) throw GameErrors.NOT_FOUND();
      const isDone = own?.state === 'cancelled' && own.ticketId === closed?.ticketId;
      if (isDone || (own?.state === 'declined' && own.ticketId === declined)) return { done: 'left' };
      if (!own || !isOpen(own)) return { done: own?.state === 'matched' ? 'matched' : 'not-waiting' };
      if (own.state === 'proposed') {
        declined = own.ticketId;
        return reason === 'banned' ? this.removeFrom(player, own) : this.declineFor(player, own);
      }
      closed = { ...own, state: 'cancelled', reason };
      return replaceTicket(this.store, own, closed, 'left');
    });
    if (outcome === 'left' && closed) await this.tellPlayers(closed, player);
    return { outcome };
  }

  /** A match that waits for its game server goes on, as one may be starting for it; without one, the player is not queued again. */
  private async declineFor(player: string, own: TicketRecord): Promise<WriteAttempt<Outcome>> {
    const { outcome } = await this.readyChecks.declineMatch(player, own.matchId ?? '');
    if (outcome !== 'complete') return { underWay: 'The match is being cancelled' };
    if (own.leaving !== undefined) return { done: 'matched' };
    return replaceTicket(this.store, own, { leaving: player }, 'matched');
  }

  private async removeFrom(player: string, { matchId = '' }: TicketRecord): Promise<WriteAttempt<Outcome>> {
    const { outcome } = await this.readyChecks.removePlayer(player, matchId);
    return outcome === 'complete' ? { done: 'matched' } : { underWay: 'The match is being cancelled' };
  }

  private async tellPlayers(closed: TicketRecord, by: string): Promise<void> {
    const { ticketId, mode, players, reason = 'cancelled' } = closed;
    metrics.closed.inc({ mode, reason });
    const others = players.filter((player) => player !== by);
    await this.announcer.announceClosedTicket({ ticketId, mode, reason, by }, others);
  }
}
