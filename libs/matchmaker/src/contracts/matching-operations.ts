import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsString, ValidateNested } from 'class-validator';
import { serverHandler } from '@ccgame/rpc';

/** The version whose tickets are counted. */
export class CountTicketsDto {
  /** Tickets of players of this version. */
  @IsString()
  version: string;
}

/** The open tickets of one version's players. */
export class TicketCount {
  /** Those that its own servers match. */
  @IsInt()
  tickets: number;

  /** Those that the servers of another version match by now, as the release table says. */
  @IsInt()
  elsewhere: number;
}

/** The open tickets of one mode and version. */
export class QueueCount {
  @IsString()
  mode: string;

  @IsString()
  version: string;

  /** Those that wait. */
  @IsInt()
  tickets: number;

  /** Those in a match that isn't settled yet. */
  @IsInt()
  proposed: number;

  /** Players of both. */
  @IsInt()
  players: number;

  /** The wait of the oldest, ms. */
  @IsInt()
  longestMs: number;
}

/** All open tickets, by mode and version. */
export class QueueCounts {
  @ValidateNested({ each: true })
  @Type(() => QueueCount)
  @ArrayMaxSize(5_000)
  queues: QueueCount[];
}

/** Handlers for the release command No player reaches these. */
export const matchingOperations = {
  /** How many open tickets a version's players have. Every matching server knows all of them. */
  countTickets: serverHandler({
    serverType: 'matching',
    handler: 'count_tickets',
    payload: CountTicketsDto,
    result: TicketCount,
  }),
  /** All open tickets, by mode and version. Every matching server knows all of them. */
  countQueues: serverHandler({ serverType: 'matching', handler: 'count_queues', result: QueueCounts }),
};
