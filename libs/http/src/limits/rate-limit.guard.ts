import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { Config } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import { ClientAddresses } from '@ccgame/server';
import type { FastifyRequest } from 'fastify';

/** Refuses with RATE_LIMITED, which says when to come back. A route names its limits by {@link LimitBy}. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly addresses = new ClientAddresses(Config.TRUSTED_PROXIES);

  /** `request.ip` would have the port that some proxies write, which is another one for each connection. */
  protected override getTracker({ socket, headers }: FastifyRequest): Promise<string> {
    const peer = socket.remoteAddress ?? '';
    const { key } = this.addresses.addressOfPeer(peer) ?? this.addresses.addressBehind(peer, { headers });
    return Promise.resolve(key);
  }

  protected override throwThrottlingException(
    _: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    return Promise.reject(GameErrors.RATE_LIMITED({ retryAfterMs: Math.max(1, timeToBlockExpire) * 1_000 }));
  }
}
