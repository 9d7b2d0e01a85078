import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { GameErrors } from '@ccgame/protocol';
import type { FastifyRequest } from 'fastify';
import { CallerAddresses } from './caller-addresses.js';

/** Refuses with RATE_LIMITED, which says when to come back. A route names its limits by {@link LimitBy}. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly callers = new CallerAddresses();

  protected override getTracker(request: FastifyRequest): Promise<string> {
    return Promise.resolve(this.callers.addressOf(request).key);
  }

  protected override throwThrottlingException(
    _: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    return Promise.reject(GameErrors.RATE_LIMITED({ retryAfterMs: Math.max(1, timeToBlockExpire) * 1_000 }));
  }
}
