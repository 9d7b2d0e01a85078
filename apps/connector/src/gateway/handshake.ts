import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { GameErrors } from '#contracts';
import { TokenVerifier } from '#sessions';
import type { Socket } from 'socket.io';
import type { Session } from './session.js';

const versionPattern = /^(latest|\d{1,6}(\.\d{1,6}){1,3})$/;

/** Decides who a new socket belongs to. */
@Injectable()
export class Handshake {
  constructor(private readonly tokens: TokenVerifier) {}

  /** @throws RpcError UNAUTHENTICATED for the token, INVALID for the version */
  async open({ handshake }: Socket): Promise<Session> {
    const { token } = handshake.auth as { token?: unknown };
    const { playerId } = await this.tokens.verify(typeof token === 'string' ? token : '');
    return { playerId, version: versionOf(handshake) };
  }
}

/** From the auth payload, the header or the query; the connector's own where none is given. */
function versionOf({ auth, headers, query }: Socket['handshake']): string {
  const given: unknown = (auth as { version?: unknown }).version ?? headers.version ?? query.version;
  if (given === undefined) return Config.VERSION;
  if (typeof given === 'string' && versionPattern.test(given)) return given;
  throw GameErrors.VERSION_GONE({ details: { detail: 'This is no version.', use: Config.VERSION } });
}
