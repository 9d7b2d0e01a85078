import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { GameErrors } from '@ccgame/protocol';

/** Refuses with RATE_LIMITED, which says when to come back. A route names its limits by {@link LimitBy}. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override throwThrottlingException(
    _: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    return Promise.reject(GameErrors.RATE_LIMITED({ retryAfterMs: Math.max(1, timeToBlockExpire) * 1_000 }));
  }
}
