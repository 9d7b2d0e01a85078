import { IsInt, IsString } from 'class-validator';
import { serverHandler } from '@ccgame/rpc';

export class CountTicketsDto {
  /** Tickets of players of this version. */
  @IsString()
  version: string;
}

export class TicketCount {
  /** Those that its own servers match. */
  @IsInt()
  tickets: number;

  /** Those that the servers of another version match by now, as the release table says. */
  @IsInt()
  elsewhere: number;
}

/** Handlers for the release command. No player reaches these. */
export const matchingOperations = {
  /** How many open tickets a version's players have. Every matching server knows all of them. */
  countTickets: serverHandler({
    serverType: 'matching',
    handler: 'count_tickets',
    payload: CountTicketsDto,
    result: TicketCount,
  }),
};
