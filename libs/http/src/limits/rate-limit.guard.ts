import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerRequest } from '@nestjs/throttler';
import { GameErrors } from '@ccgame/protocol';
import type { FastifyRequest } from 'fastify';
import { CallerAddresses } from './caller-addresses.js';
import { giveBackHits, noteHit } from './hits-of-requests.js';
import type { SharedCounts } from './shared-counts.js';

/** Refuses with RATE_LIMITED, which says when to come back. A route names its limits by {@link LimitBy}. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly callers = new CallerAddresses();

  protected override getTracker(request: FastifyRequest): Promise<string> {
    return Promise.resolve(this.callers.addressOf(request).key);
  }

  protected override async handleRequest(asked: ThrottlerRequest): Promise<boolean> {
    let key = '';
    const generateKey: typeof asked.generateKey = (...of) => (key = asked.generateKey(...of));
    const passes = await super.handleRequest({ ...asked, generateKey });
    const counts = this.storageService as SharedCounts;
    noteHit(requestOf(asked.context), {
      giveBack: () => counts.giveBack(key, asked.limit),
      isNatsAway: () => counts.isNatsAway,
    });
    return passes;
  }

  protected override throwThrottlingException(
    context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    // Another limit had let it in.
    giveBackHits(requestOf(context));
    return Promise.reject(GameErrors.RATE_LIMITED({ retryAfterMs: Math.max(1, timeToBlockExpire) * 1_000 }));
  }
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
