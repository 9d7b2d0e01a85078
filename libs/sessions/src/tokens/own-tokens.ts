import { createPublicKey } from 'node:crypto';
import type { ServerConfig, TokenKey } from '@ccgame/config';
import { createVerifier } from 'fast-jwt';
import { readClaims, refuseToken } from './read-claims.js';
import { claimRules } from './token-issuer.js';
import { type TokenClaims, TokenVerifier } from './token-verifier.js';

type Verify = (token: string) => Record<string, unknown>;
type Keys = Pick<ServerConfig, 'TOKEN_PUBLIC_KEYS' | 'TOKEN_SIGNING_KEY' | 'TOKEN_SECRET'>;

/** Longer ones aren't ours, and need not be hashed to know it. */
const maxLength = 2048;

/**
 * Checks the tokens that ccgame signs. Each key takes its one algorithm, so that no token can choose another. At once, without
 * WebCrypto's threads, which spread a storm of handshakes so that each writes to NATS by itself.
 */
export class OwnTokens extends TokenVerifier {
  /** By the token's `kid`; undefined: HS256, without one. */
  private readonly verifiers: ReadonlyMap<string | undefined, Verify>;

  /** @param aheadMs how far the clock by which tokens are signed is ahead of this machine's, ms: asked each time */
  constructor(
    keys: Keys,
    private readonly aheadMs: () => number = () => 0,
  ) {
    super();
    this.verifiers = verifiersOf(keys);
  }

  /** Whether one of these keys is said to have signed it. */
  knows(kid: string | undefined): boolean {
    return this.verifiers.has(kid);
  }

  verify(token: string): TokenClaims {
    if (typeof token !== 'string' || token === '') throw refuseToken('The token is missing.');
    const verify = token.length > maxLength ? undefined : this.verifiers.get(kidOf(token));
    if (!verify) throw refuseToken('The token is not valid.');
    const { playerId, expiresAt } = readClaims(claimsOf(verify, token));
    const expiresHereAt = expiresAt - this.aheadMs();
    if (expiresHereAt <= Date.now()) throw refuseToken('The token has expired.');
    return { playerId, expiresAt: expiresHereAt };
  }
}

/** The header's `kid`, believed for nothing but the choice of a key. */
export function kidOf(token: string): string | undefined {
  try {
    const header = token.slice(0, Math.max(0, token.indexOf('.')));
    const { kid } = Object(JSON.parse(Buffer.from(header, 'base64url').toString())) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

function verifiersOf({
  TOKEN_PUBLIC_KEYS,
  TOKEN_SIGNING_KEY,
  TOKEN_SECRET,
}: Keys): Map<string | undefined, Verify> {
  const verifiers = new Map<string | undefined, Verify>();
  if (TOKEN_SIGNING_KEY) {
    const { kid, key } = TOKEN_SIGNING_KEY;
    verifiers.set(kid, ed25519({ kid, key: createPublicKey(key) }));
  }
  for (const one of TOKEN_PUBLIC_KEYS ?? []) verifiers.set(one.kid, ed25519(one));
  if (verifiers.size === 0 && TOKEN_SECRET)
    verifiers.set(
      undefined,
      createVerifier({ ...claimRules, key: TOKEN_SECRET, algorithms: ['HS256'] }) as Verify,
    );
  return verifiers;
}

function ed25519({ key }: TokenKey): Verify {
  const pem = key.export({ type: 'spki', format: 'pem' }) as string;
  return createVerifier({ ...claimRules, key: pem, algorithms: ['EdDSA'] }) as Verify;
}

function claimsOf(verify: Verify, token: string): Record<string, unknown> {
  try {
    return verify(token);
  } catch {
    throw refuseToken('The token is not valid.');
  }
}
