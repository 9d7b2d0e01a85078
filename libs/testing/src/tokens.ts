import { randomBytes } from 'node:crypto';
import { makeTokenKey, parseSigningKey } from '@ccgame/config';
import { createSigner, type SignerOptions } from 'fast-jwt';

/** The secret that development servers sign with: `libs/config` has it where no TOKEN_SECRET is set. */
const developmentSecret = 'development-only-token-secret-0000';

/** How a test's token is signed. */
export interface TokenOptions {
  /** A secret of HS256. */
  key?: string;
  /** The text of a TOKEN_SIGNING_KEY, which signs instead, as in production. */
  signingKey?: string;
  /** Negative: it has expired already. */
  expiresInMs?: number;
}

/** A player's token, as the login of a development server makes it. */
export function tokenOf(
  playerId: string,
  { key = developmentSecret, signingKey, expiresInMs = 3_600_000 }: TokenOptions = {},
): string {
  const exp = Math.floor((Date.now() + expiresInMs) / 1_000);
  const signer = signingKey === undefined ? { key, algorithm: 'HS256' as const } : signerOf(signingKey);
  return createSigner(signer)({ iss: 'ccgame', sub: playerId, exp });
}

function signerOf(signingKey: string): Partial<SignerOptions> & { key: string } {
  const { kid, key } = parseSigningKey(signingKey);
  return { key: key.export({ type: 'pkcs8', format: 'pem' }) as string, algorithm: 'EdDSA', kid };
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
