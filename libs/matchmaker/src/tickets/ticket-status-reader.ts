import { Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { type TicketRecord } from '../contracts/matches.js';
import { type TicketStatus } from '../contracts/matching.js';
import { TicketStore } from '../store/ticket-store.js';
import { MatchFeed } from '../view/match-feed.js';
import { PartitionPools } from '../view/partition-pools.js';
import { newestTicket } from './newest-ticket.js';

const catchUpMs = 500;

/** Tells a player about the own ticket. Any server of the version answers. */
@Injectable()
export class TicketStatusReader {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly pools: PartitionPools,
  ) {}

  /** Reads the newest ticket, open or not. @throws RpcError NOT_FOUND; NotRead while NATS is away */
  async statusOf(player: string): Promise<TicketStatus> {
    const stored = await newestTicket(this.store, this.feed.view, player);
    const ticket = stored?.record;
    if (!ticket) throw GameErrors.NOT_FOUND();
    // It may have been opened by another server a moment ago.
    if (ticket.state === 'open') await this.feed.view.reachedWithin(stored.seq, catchUpMs);
    const { ticketId, mode, since, state, players, matchId, reason } = ticket;
    return {
      ticketId,
      mode,
      waitingSinceMs: since,
      state,
      players,
      ...(matchId !== undefined && { matchId }),
      ...(reason !== undefined && { reason }),
      ...(state === 'open' && this.placeOf(ticket)),
    };
  }

  private placeOf({
    ticketId,
    since,
  }: TicketRecord): Pick<TicketStatus, 'position' | 'waiting' | 'estimatedWaitMs'> {
    const partition = this.pools.partitionOfTicket(ticketId);
    if (!partition) return {};
    const now = this.store.clock.now();
    const estimatedWaitMs = this.pools.waits.estimateWait(partition.name, now - since, now);
    return {
      ...partition.pool.positionOf(ticketId),
      ...(estimatedWaitMs !== undefined && { estimatedWaitMs: Math.round(estimatedWaitMs) }),
    };
  }
}
