import { Controller } from '@nestjs/common';
import {
  type CountTicketsDto,
  matchingOperations,
  type QueueCounts,
  type TicketCount,
} from './contracts/matching-operations.js';
import { explainHandlers, type ExplainTicketDto } from './contracts/explain.js';
import { type Explanation } from './contracts/explanation.js';
import { ServerHandler } from '@ccgame/rpc';
import { ReleaseService } from '@ccgame/releases';
import { queueOf } from './catalogue/queue-of.js';
import { servingVersion } from './catalogue/serving-version.js';
import { Explanations } from './tickets/explanations.js';
import { countQueues } from './view/count-queues.js';
import { MatchFeed } from './view/match-feed.js';
import { NatsClock } from '@ccgame/jetstream';

/** Answers operators and the release command. */
@Controller()
export class OperationsController {
  constructor(
    private readonly feed: MatchFeed,
    private readonly releases: ReleaseService,
    private readonly explanations: Explanations,
    private readonly clock: NatsClock,
  ) {}

  @ServerHandler(explainHandlers.any, { concurrency: 1, queue: 200 })
  explainTicket({ ticketId }: ExplainTicketDto): Promise<Explanation> {
    return this.explanations.explainTicket(ticketId);
  }

  @ServerHandler(matchingOperations.countQueues)
  countQueues(): QueueCounts {
    return { queues: countQueues(this.feed.view.openTickets.values(), this.clock.now()) };
  }

  @ServerHandler(matchingOperations.countTickets)
  countTickets({ version }: CountTicketsDto): TicketCount {
    let [tickets, elsewhere] = [0, 0];
    const isHere = servingVersion(this.releases.currentTable(), version) === version;
    for (const ticket of this.feed.view.openTickets.values()) {
      if (queueOf(ticket) !== version) continue;
      if (isHere || ticket.state === 'proposed') tickets += 1;
      else elsewhere += 1;
    }
    return { tickets, elsewhere };
  }
}
