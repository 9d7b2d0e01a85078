import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import type { FastifyRequest } from 'fastify';
import { bearerOf } from '@ccgame/http';

/** Lets game servers in: `Authorization: Bearer <SERVER_KEY>`. */
@Injectable()
export class ServerKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const { SERVER_KEY: key } = Config;
    if (!key || !isEqual(bearerOf(headers.authorization), key)) {
      throw GameErrors.UNAUTHENTICATED({
        details: { detail: 'This needs the server key: Authorization: Bearer <key>.' },
      });
    }
    return true;
  }
}

/** Takes the same time whatever differs. */
function isEqual(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
