import { Controller } from '@nestjs/common';
import {
  type HandOverTicketsDto,
  matchingOperations,
  type TakeTicketDto,
  type TicketCount,
  type TicketView,
} from '#contracts';
import { RpcService, ServerHandler } from '#rpc';
import { Queue } from './queue.js';

/** How tickets outlive the retirement of their version: its servers give them to another version's. */
@Controller()
export class OperationsController {
  constructor(
    private readonly queue: Queue,
    private readonly rpc: RpcService,
  ) {}

  @ServerHandler(matchingOperations.countTickets)
  count(): TicketCount {
    return { tickets: this.queue.size };
  }

  @ServerHandler(matchingOperations.handOverTickets)
  async handOver({ version }: HandOverTicketsDto): Promise<TicketCount> {
    const target = { handler: matchingOperations.takeTicket, version } as const;
    let tickets = 0;
    for (const ticket of this.queue.takeAll()) {
      try {
        await this.rpc.doRPC(target, ticket);
        tickets += 1;
      } catch {
        // Nobody took it: it waits here, and the release command asks again.
        this.queue.keep(ticket);
      }
    }
    return { tickets };
  }

  @ServerHandler(matchingOperations.takeTicket)
  async take(ticket: TakeTicketDto): Promise<TicketView> {
    await this.queue.put(ticket);
    const { ticketId, mode, waitingSinceMs } = ticket;
    return { ticketId, mode, waitingSinceMs };
  }
}
