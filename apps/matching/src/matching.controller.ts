import { Controller } from '@nestjs/common';
import { type JoinMatchingDto, type LeftMatching, matchingHandlers, type TicketView } from '#contracts';
import { ClientHandler, RpcError, rpcContext } from '#rpc';
import { Queue } from './queue.js';

@Controller()
export class MatchingController {
  constructor(private readonly queue: Queue) {}

  @ClientHandler(matchingHandlers.join)
  join({ mode }: JoinMatchingDto): Promise<TicketView> {
    return this.queue.join(caller(), mode);
  }

  @ClientHandler(matchingHandlers.leave)
  leave(): LeftMatching {
    return { outcome: this.queue.leave(caller()) ? 'left' : 'not-waiting' };
  }
}

/** The player who asks: the connector says so, no client can. */
function caller(): string {
  const { uid } = rpcContext.get().attributes;
  if (uid === undefined) throw new RpcError('FORBIDDEN', { message: 'Only players queue' });
  return uid;
}
