import { createHash } from 'node:crypto';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { Config } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import type { FastifyRequest } from 'fastify';
import { bearerOf } from '../bearer.js';

const windowMs = 60_000;
const longestDeviceId = 128;

type Asked = FastifyRequest<{ Body: unknown }>;

/**
 * The requests that one caller may send to one server within a minute. An address is a client's or, of IPv6, its /64; the proxies before it
 * are those of TRUSTED_PROXIES.
 */
export function rateLimits(): ThrottlerModuleOptions {
  const windowed = { ttl: windowMs, blockDuration: 0, setHeaders: false };
  return {
    throttlers: [
      { ...windowed, name: 'address', limit: Config.LOGINS_PER_ADDRESS },
      {
        ...windowed,
        name: 'device',
        limit: Config.LOGINS_PER_DEVICE,
        getTracker: (request) => deviceOf(request as Asked),
        skipIf: (context) => deviceOf(requestOf(context)) === '',
      },
      {
        ...windowed,
        name: 'key',
        limit: Config.RESULTS_PER_KEY,
        getTracker: () => 'the server key',
        skipIf: (context) => bearerOf(requestOf(context).headers.authorization) !== Config.SERVER_KEY,
      },
    ],
  };
}

/** Refuses with RATE_LIMITED, which says when to come back. The routes skip the limits that aren't theirs. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override throwThrottlingException(
    _: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    return Promise.reject(GameErrors.RATE_LIMITED({ retryAfterMs: Math.max(1, timeToBlockExpire) * 1_000 }));
  }
}

function requestOf(context: ExecutionContext): Asked {
  return context.switchToHttp().getRequest<Asked>();
}

/** Empty where there is none: the body isn't checked yet. */
function deviceOf({ body }: Asked): string {
  const { deviceId } = Object(body) as { deviceId?: unknown };
  if (typeof deviceId !== 'string' || deviceId.length > longestDeviceId) return '';
  return createHash('sha256').update(deviceId).digest('base64url');
}
