import { isName } from '@ccgame/config';
import { GameErrors } from '@ccgame/protocol';
import type { RpcError } from '@ccgame/rpc';
import type { TokenClaims } from './token-verifier.js';

/** The claims of a token whose signature is good, as far as they are what they should be. @throws RpcError UNAUTHENTICATED */
export function readClaims({ sub, exp }: { sub?: unknown; exp?: unknown }): TokenClaims {
  if (typeof sub !== 'string' || !isName('playerId', sub)) throw refuseToken('The token names no player.');
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw refuseToken('The token never expires.');
  return { playerId: sub, expiresAt: exp * 1_000 };
}

/** UNAUTHENTICATED, with a detail that the client may read. */
export function refuseToken(detail: string): RpcError {
  return GameErrors.UNAUTHENTICATED({ details: { detail } });
}
