import { Injectable } from '@nestjs/common';
import { type Explanation } from '../contracts/explanation.js';
import { GameErrors } from '@ccgame/protocol';
import { TicketStore } from '../store/ticket-store.js';
import { WorkScheduler } from '../work-scheduler.js';
import { MatchFeed } from '../view/match-feed.js';
import { PartitionPools } from '../view/partition-pools.js';

const catchUpMs = 500;

/** Says why a ticket is not matched yet. Every server of the version holds all tickets, so any of them can. */
@Injectable()
export class Explanations {
  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly pools: PartitionPools,
    private readonly scheduler: WorkScheduler,
  ) {}

  /** @throws RpcError NOT_FOUND when the player has no ticket that waits here; NotRead while NATS is away */
  async ofPlayer(player: string): Promise<Explanation> {
    const own = (await this.store.ticketsOf([player])).get(player);
    // It may have been opened by another server a moment ago.
    if (own) await this.feed.view.reachedWithin(own.seq, catchUpMs);
    return this.explainTicket(own?.record?.ticketId ?? '');
  }

  /** @throws RpcError NOT_FOUND when no such ticket waits here: it is closed, proposed a match, or another version's */
  async explainTicket(ticketId: string): Promise<Explanation> {
    const steps = this.pools
      .partitionOfTicket(ticketId)
      ?.pool.explainTicket(ticketId, this.store.clock.now());
    const explanation = steps && (await this.scheduler.runInSlices('explain', steps));
    if (!explanation) {
      const state = this.feed.view.openTickets.get(ticketId)?.state;
      throw GameErrors.NOT_FOUND({ details: { ticketId, ...(state && { state }) } });
    }
    return explanation;
  }
}
