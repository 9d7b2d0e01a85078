import { Controller } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { type OpenTicketDto, ticketHandlers } from './contracts/party.js';
import { type TicketView } from './contracts/matching.js';
import { rpcContext, ServerHandler } from '@ccgame/rpc';
import { TicketJoiner } from './tickets/ticket-joiner.js';

/** Answers servers of the game that act for players. */
@Controller()
export class TicketsController {
  constructor(private readonly joiner: TicketJoiner) {}

  /** The ticket waits in the version that the call names, as its leader's session has it. */
  @ServerHandler(ticketHandlers.open)
  async open(request: OpenTicketDto): Promise<TicketView> {
    const version = rpcContext.get().version ?? Config.VERSION;
    const { ticketId, mode, since } = await this.joiner.open(version, request);
    return { ticketId, mode, waitingSinceMs: since };
  }
}
