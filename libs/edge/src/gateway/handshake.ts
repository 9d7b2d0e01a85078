import { Injectable } from '@nestjs/common';
import { isName } from '@ccgame/config';
import { GameErrors, type ResumeFrom } from '@ccgame/protocol';
import { invalid, type RpcError } from '@ccgame/rpc';
import { TokenVerifier } from '@ccgame/sessions';
import type { Socket } from 'socket.io';
import { inTime } from './in-time.js';
import { isRecoverable, resumeOfRecovery } from './state-recovery.js';
import { endOfToken } from './token-expiry.js';
import { factsOf, type PlayerFacts, VersionPinning } from './version-pinning.js';

/** The player that a new socket belongs to, and the place where it goes on. */
export interface HandshakeResult {
  playerId: string;
  version: string;
  /** Asked again when the release table changes. */
  facts: PlayerFacts;
  /** It understands the pushes about the session itself. */
  isSdk: boolean;
  /** socket.io's client keeps the place of its pushes by itself; the `pid` that it came with. */
  recovery?: { pid?: string };
  resume?: ResumeFrom;
  /** The name that the client gave itself. */
  instance?: string;
  /** See {@link endOfToken}. */
  tokenEndsAt: number;
}

/** Reads a handshake. Nothing in it is believed but the token. */
@Injectable()
export class Handshake {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly versions: VersionPinning,
  ) {}

  /** @throws RpcError UNAUTHENTICATED for the token, VERSION_GONE for the version, INVALID for another field */
  async readHandshake({ handshake }: Socket): Promise<HandshakeResult> {
    const auth = handshake.auth as Record<string, unknown>;
    const { token, protocol, resume, instance, pid } = auth;
    const mayRecover = resume === undefined && isRecoverable(handshake);
    const recovered = mayRecover ? resumeOfRecovery(auth) : undefined;
    const from = resume === undefined ? recovered : checkResume(resume);
    if (protocol !== undefined && protocol !== 1) throw wrongField('protocol', '1');
    if (instance !== undefined && !isName('session', instance)) {
      throw wrongField('instance', 'up to 64 letters and digits');
    }
    const verified = this.tokens.verify(typeof token === 'string' ? token : '');
    const { playerId, expiresAt } = await inTime('token verifier', verified);
    if (!isName('playerId', playerId)) {
      throw GameErrors.UNAUTHENTICATED({ details: { detail: 'The token names no player.' } });
    }
    const facts = factsOf(handshake, playerId);
    const version = this.versions.pinVersion(handshake, facts, from !== undefined);
    return {
      playerId,
      version,
      facts,
      isSdk: protocol === 1,
      // Only a good one, as it is kept as long as the session: it may be anything, a list of thousands too.
      ...(mayRecover && { recovery: recovered ? { pid: pid as string } : {} }),
      resume: from,
      instance: instance as string | undefined,
      tokenEndsAt: endOfToken(expiresAt),
    };
  }
}

function checkResume(value: unknown): ResumeFrom {
  const { session, position, moving } = (value ?? {}) as Record<string, unknown>;
  if (!isName('session', session)) {
    throw wrongField('resume.session', 'the session of session.opened');
  }
  if (!Number.isSafeInteger(position) || (position as number) < 0) {
    throw wrongField('resume.position', 'the position of a push');
  }
  if (moving !== undefined && typeof moving !== 'boolean') throw wrongField('resume.moving', 'true or false');
  return { session: session as string, position: position as number, moving };
}

function wrongField(field: string, expected: string): RpcError {
  return invalid([{ field, rule: `expected ${expected}` }]);
}
