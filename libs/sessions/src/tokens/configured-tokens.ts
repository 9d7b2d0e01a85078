import { Injectable, Optional } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { NatsClock } from '@ccgame/jetstream';
import { AccountTokens } from './account-tokens.js';
import { kidOf, OwnTokens } from './own-tokens.js';
import { type TokenClaims, TokenVerifier } from './token-verifier.js';

/** Checks tokens by the keys of the environment: ccgame's own, and those of the studio's accounts where there is TOKEN_JWKS_URL. */
@Injectable()
export class ConfiguredTokens extends TokenVerifier {
  private readonly own: OwnTokens;
  private readonly accounts?: AccountTokens;

  /** @param clock by which http signs tokens, and all servers look at their expiry; left out: this machine's own */
  constructor(@Optional() clock?: NatsClock) {
    super();
    const aheadMs = (): number => (clock ? clock.now() - Date.now() : 0);
    this.own = new OwnTokens(Config, aheadMs);
    this.accounts = accountTokens(aheadMs);
  }

  verify(token: string): TokenClaims | Promise<TokenClaims> {
    const isForeign = typeof token === 'string' && !this.own.knows(kidOf(token));
    return isForeign && this.accounts ? this.accounts.verify(token) : this.own.verify(token);
  }
}

function accountTokens(aheadMs: () => number): AccountTokens | undefined {
  const { TOKEN_JWKS_URL: jwksUrl, TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience, TOKEN_SUBJECT } = Config;
  return jwksUrl && issuer && audience
    ? new AccountTokens({ jwksUrl, issuer, audience, subject: TOKEN_SUBJECT }, aheadMs)
    : undefined;
}
