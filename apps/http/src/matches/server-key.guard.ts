import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Config } from '#config';
import { GameErrors } from '#contracts';
import type { FastifyRequest } from 'fastify';

/** Lets game servers in: `Authorization: Bearer <SERVER_KEY>`. */
@Injectable()
export class ServerKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (!isEqual(authorization, `Bearer ${Config.SERVER_KEY}`)) {
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
