import { Controller } from '@nestjs/common';
import { type CountTicketsDto, matchingOperations, type TicketCount } from '#contracts';
import { ServerHandler } from '#rpc';
import { ReleaseService } from '#releases';
import { servingVersion } from './catalogue/serving-version.js';
import { MatchFeed } from './view/match-feed.js';

/** What the release command asks. */
@Controller()
export class OperationsController {
  constructor(
    private readonly feed: MatchFeed,
    private readonly releases: ReleaseService,
  ) {}

  @ServerHandler(matchingOperations.countTickets)
  count({ version }: CountTicketsDto): TicketCount {
    let [tickets, elsewhere] = [0, 0];
    const isHere = servingVersion(this.releases.current(), version) === version;
    for (const ticket of this.feed.view.openTickets.values()) {
      if (ticket.version !== version) continue;
      if (isHere || ticket.state === 'proposed') tickets += 1;
      else elsewhere += 1;
    }
    return { tickets, elsewhere };
  }
}
