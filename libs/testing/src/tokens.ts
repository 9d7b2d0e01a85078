import { randomBytes } from 'node:crypto';
import { makeTokenKey } from '@ccgame/config';
import { createSigner } from 'fast-jwt';

/** What development servers sign with: `libs/config` has it where no TOKEN_SECRET is set. */
const developmentSecret = 'development-only-token-secret-0000';

export interface TokenOptions {
  key?: string;
  /** Negative: it has expired already. */
  expiresInMs?: number;
}

/** A player's token, as the login of a development server makes it. */
export function tokenOf(
  playerId: string,
  { key = developmentSecret, expiresInMs = 3_600_000 }: TokenOptions = {},
): string {
  const exp = Math.floor((Date.now() + expiresInMs) / 1_000);
  return createSigner({ key, algorithm: 'HS256' })({ iss: 'ccgame', sub: playerId, exp });
}

/** The variables that http needs in production, with keys made anew; the other servers need fewer of them. */
export function productionSecrets(): Record<
  'TOKEN_SIGNING_KEY' | 'TOKEN_PUBLIC_KEYS' | 'SERVER_KEY',
  string
> {
  const { signingKey, publicKey } = makeTokenKey('test');
  return {
    TOKEN_SIGNING_KEY: signingKey,
    TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicKey] }),
    SERVER_KEY: randomBytes(24).toString('hex'),
  };
}
