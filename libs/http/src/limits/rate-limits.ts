import { createHash } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import type { ThrottlerModuleOptions, ThrottlerOptions } from '@nestjs/throttler';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import type { FastifyRequest } from 'fastify';
import type { NatsHealth } from '@ccgame/nats';
import { showsServerKey } from '../server-key/shows-server-key.js';
import type { LimitName } from './limit-by.js';
import { SharedCounts } from './shared-counts.js';

const windowMs = 60_000;
const longestDeviceId = 128;

type Asked = FastifyRequest<{ Body: unknown }>;

/**
 * The requests that one caller may send within a minute, to all http servers together ({@link SharedCounts}). An address is a client's or, of IPv6, its /64; the proxies before it
 * are those of TRUSTED_PROXIES.
 */
export function rateLimits(nats: NatsConnection, health: NatsHealth): ThrottlerModuleOptions {
  const limits: (ThrottlerOptions & { name: LimitName })[] = [
    // Looked at first: a device in a loop shall not use up the logins of its whole address.
    {
      name: 'loginsOfDevice',
      limit: Config.LOGINS_PER_DEVICE,
      ttl: windowMs,
      getTracker: (request) => deviceOf(request as Asked),
      skipIf: (context) => deviceOf(requestOf(context)) === '',
    },
    { name: 'loginsOfAddress', limit: Config.LOGINS_PER_ADDRESS, ttl: windowMs },
    {
      name: 'resultsOfKey',
      limit: Config.RESULTS_PER_KEY,
      ttl: windowMs,
      getTracker: () => 'the server key',
      skipIf: (context) => !hasServerKey(context),
    },
    // A game server with the right key is let in from an address that others guess from.
    {
      name: 'wrongKeysOfAddress',
      limit: Config.WRONG_KEYS_PER_ADDRESS,
      ttl: windowMs,
      skipIf: hasServerKey,
    },
  ];
  return {
    throttlers: limits.map((limit) => ({ ...limit, blockDuration: 0, setHeaders: false })),
    storage: new SharedCounts(nats, health, windowMs),
  };
}

function requestOf(context: ExecutionContext): Asked {
  return context.switchToHttp().getRequest<Asked>();
}

function hasServerKey(context: ExecutionContext): boolean {
  return showsServerKey(requestOf(context).headers.authorization);
}

/** Empty where there is none: the body isn't checked yet. */
function deviceOf({ body }: Asked): string {
  const { deviceId } = Object(body) as { deviceId?: unknown };
  if (typeof deviceId !== 'string' || deviceId.length > longestDeviceId) return '';
  return createHash('sha256').update(deviceId).digest('base64url');
}
