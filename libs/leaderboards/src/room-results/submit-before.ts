import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { RpcError, rpcContext } from '@ccgame/rpc';
import type { Observable } from 'rxjs';
import { ScoreSubmitter } from '../submission/score-submitter.js';
import type { RoomResult } from './room-result.dto.js';

/**
 * Submits the result of a room before the entity has the call that brought it: where that fails or its server dies, the room's server sends
 * the call again, and it is the same result.
 */
@Injectable()
export class SubmitBefore implements NestInterceptor {
  constructor(private readonly scores: ScoreSubmitter) {}

  /** @throws as `ScoreSubmitter.submitResult`; FORBIDDEN for a call that no entity has sent */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const result = context.switchToRpc().getData<RoomResult>();
    await this.scores.submitResult({ ...result, id: idOfCall() });
    return next.handle();
  }
}

/** The same whenever the call is sent: a stored call has a number that its entity, in whatever life, never uses again. */
function idOfCall(): string {
  const { entitySource } = rpcContext.get().attributes;
  if (entitySource === undefined) throw new RpcError('FORBIDDEN', { message: 'Only an entity may send it' });
  return createHash('sha256').update(entitySource).digest('base64url').slice(0, 32);
}
