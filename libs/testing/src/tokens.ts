import { createHmac, randomBytes, sign } from 'node:crypto';
import { makeTokenKey, parseSigningKey } from '@ccgame/config';

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

/**
 * A player's token, as the login of a development server makes it. Without the servers' library of JWT: `npm start` and every test load this
 * package, and few of them sign.
 */
export function tokenOf(
  playerId: string,
  { key = developmentSecret, signingKey, expiresInMs = 3_600_000 }: TokenOptions = {},
): string {
  const [now, exp] = [0, expiresInMs].map((ms) => Math.floor((Date.now() + ms) / 1_000));
  const claims = { iss: 'ccgame', sub: playerId, iat: now, exp };
  if (signingKey === undefined) {
    const text = unsigned({ alg: 'HS256', typ: 'JWT' }, claims);
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  }
  const { kid, key: ownKey } = parseSigningKey(signingKey);
  const text = unsigned({ alg: 'EdDSA', typ: 'JWT', kid }, claims);
  return `${text}.${sign(null, Buffer.from(text), ownKey).toString('base64url')}`;
}

/** RFC 7515, 7.1, up to the signature. */
function unsigned(...parts: object[]): string {
  return parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
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
