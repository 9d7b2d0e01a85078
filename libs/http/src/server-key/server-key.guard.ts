import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import type { FastifyRequest } from 'fastify';
import { showsServerKey } from './shows-server-key.js';

/** Lets game servers in: `Authorization: Bearer <one of SERVER_KEY>`. */
@Injectable()
export class ServerKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!showsServerKey(headers.authorization)) {
      throw GameErrors.UNAUTHENTICATED({
        details: { detail: 'This needs the server key: Authorization: Bearer <key>.' },
      });
    }
    return true;
  }
}
