import { IsInt, IsString } from 'class-validator';
import { serverHandler } from '#rpc';
import { TicketView } from './matching.js';

export class TicketCount {
  @IsInt()
  tickets: number;
}

export class HandOverTicketsDto {
  /** Whose matching servers take them. */
  @IsString()
  version: string;
}

/** A ticket with its player, on its way to another server. */
export class TakeTicketDto extends TicketView {
  @IsString()
  playerId: string;
}

/** What the release command asks of matching servers, and they of each other. No player reaches these. */
export const matchingOperations = {
  /** How many tickets this server holds. */
  countTickets: serverHandler({ serverType: 'matching', handler: 'count_tickets', result: TicketCount }),
  /** Gives this server's tickets to a server of another version; it answers how many were taken. */
  handOverTickets: serverHandler({
    serverType: 'matching',
    handler: 'hand_over_tickets',
    payload: HandOverTicketsDto,
    result: TicketCount,
  }),
  /** Takes a ticket with the time that it has waited. */
  takeTicket: serverHandler({
    serverType: 'matching',
    handler: 'take_ticket',
    payload: TakeTicketDto,
    result: TicketView,
  }),
};
