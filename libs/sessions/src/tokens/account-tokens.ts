import { Logger } from '@nestjs/common';
import { isName, type ServerConfig } from '@ccgame/config';
import { encodePlayerId, RpcError } from '@ccgame/rpc';
import { errors, jwtVerify } from 'jose';
import { IssuerKeys } from './issuer-keys.js';
import { readClaims, refuseToken } from './read-claims.js';
import { type TokenClaims, TokenVerifier } from './token-verifier.js';

/** The issuer whose tokens are taken. A token of another issuer or audience is refused. */
export interface AccountTokenOptions {
  /** The JWK set of the accounts' issuer: `https://accounts.example.com/.well-known/jwks.json`. */
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** Default: `plain`, the `sub` is the player's id as it is. `encoded`: the player's id is `encodePlayerId` of it. */
  subject?: ServerConfig['TOKEN_SUBJECT'];
}

/** Identity providers put more into a token than ccgame does. */
const maxLength = 8192;
/** Their clocks are not ours. */
const clockToleranceSeconds = 10;
/** Asymmetric only: a public key must never be taken for the secret of HS256. */
const algorithms = ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** The issuer's keys can't be had at the moment; says nothing about the token. */
const isUnreachable = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === 'ERR_JOSE_GENERIC';

/** Checks the tokens of a studio's own accounts by its issuer's keys. */
export class AccountTokens extends TokenVerifier {
  private readonly log = new Logger('tokens');
  private readonly keys;
  private hasWarned = false;

  /** @param aheadMs how far the clock by which tokens expire is ahead of this machine's, ms: asked each time */
  constructor(
    private readonly options: AccountTokenOptions,
    private readonly aheadMs: () => number = () => 0,
  ) {
    super();
    this.keys = new IssuerKeys(new URL(options.jwksUrl));
  }

  /** @throws RpcError UNAUTHENTICATED; BUSY while the issuer's keys are not known and can't be had */
  async verify(token: string): Promise<TokenClaims> {
    if (typeof token !== 'string' || token === '') throw refuseToken('The token is missing.');
    if (token.length > maxLength) throw refuseToken('The token is not valid.');
    const { issuer, audience } = this.options;
    const rules = { issuer, audience, algorithms, clockTolerance: clockToleranceSeconds };
    const aheadMs = this.aheadMs();
    try {
      const { payload } = await jwtVerify(token, this.keys.findKey, {
        ...rules,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(Date.now() + aheadMs),
      });
      const { playerId, expiresAt } = readClaims({ ...payload, sub: this.playerOf(payload.sub) });
      // A session lasts as long as its token would be taken.
      return { playerId, expiresAt: expiresAt + clockToleranceSeconds * 1_000 - aheadMs };
    } catch (error) {
      if (error instanceof RpcError) throw error;
      if (error instanceof errors.JWTExpired) throw refuseToken('The token has expired.');
      if (isUnreachable(error)) throw new RpcError('BUSY', { retryAfterMs: 1_000, cause: error });
      throw refuseToken('The token is not valid.');
    }
  }
  /** Undefined for a `sub` of which no player's id can be made. */
  private playerOf(sub: unknown): string | undefined {
    if (typeof sub !== 'string') return undefined;
    if (this.options.subject === 'encoded') return encodedOf(sub);
    if (!isName('playerId', sub) && !this.hasWarned) {
      this.hasWarned = true;
      this.log.warn({ event: 'token.subject-refused', sub, remedy: 'TOKEN_SUBJECT=encoded' });
    }
    return sub;
  }
}

function encodedOf(sub: string): string | undefined {
  try {
    return encodePlayerId(sub);
  } catch {
    return undefined;
  }
}
