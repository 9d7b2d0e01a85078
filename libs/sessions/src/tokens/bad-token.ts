import { asRpcError } from '@ccgame/rpc';
import { errors } from 'jose';

/**
 * Whether a token was refused for what it is, which counts against its sender: UNAUTHENTICATED, and BUSY for a key that nobody knows. It may be
 * a new one, but anybody can make up its name.
 */
export function isBadToken(error: unknown): boolean {
  const refusal = asRpcError(error);
  return refusal?.code === 'UNAUTHENTICATED' || refusal?.cause instanceof errors.JWKSNoMatchingKey;
}
