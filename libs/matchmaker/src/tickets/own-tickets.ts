import { Injectable } from '@nestjs/common';
import type { TicketRecord } from '../contracts/matches.js';
import { queueOf } from '../catalogue/queue-of.js';
import { MatchingMembership } from '../owner/matching-membership.js';
import { PartitionPools } from '../view/partition-pools.js';

/** Says which tickets are this server's to look after, so that not every server does it. */
@Injectable()
export class OwnTickets {
  constructor(
    private readonly pools: PartitionPools,
    private readonly membership: MatchingMembership,
  ) {}

  isOwnTicket(ticket: TicketRecord): boolean {
    if (!this.pools.looksAfter(queueOf(ticket))) return false;
    // One that no partition takes belongs to somebody all the same.
    const name = this.pools.partitionOfTicket(ticket.ticketId)?.name ?? ticket.mode;
    return this.membership.shouldOwn(name);
  }
}
