import { Injectable } from '@nestjs/common';
import { Config } from '@ccgame/config';
import { NatsClock } from '@ccgame/jetstream';
import { createSigner, type SignerOptions } from 'fast-jwt';
import { issuer } from './token-issuer.js';

/** Signs the guests' tokens: JWT, short-lived, EdDSA with TOKEN_SIGNING_KEY; on a laptop HS256 with TOKEN_SECRET. */
@Injectable()
export class TokenSigner {
  private readonly encode = createSigner({
    ...keyOptions(),
    iss: issuer,
    expiresIn: Config.TOKEN_TTL_SECONDS * 1_000,
  });

  /** @param clock by which connectors look at the expiry: another machine's own may be ten minutes off */
  constructor(private readonly clock: NatsClock) {}

  sign(playerId: string): { token: string; expiresInSeconds: number } {
    const iat = Math.floor(this.clock.now() / 1_000);
    return { token: this.encode({ sub: playerId, iat }), expiresInSeconds: Config.TOKEN_TTL_SECONDS };
  }
}

function keyOptions(): Partial<SignerOptions> & { key: string } {
  const { TOKEN_SIGNING_KEY: signing, TOKEN_SECRET: secret } = Config;
  if (!signing) return { key: secret ?? '', algorithm: 'HS256' };
  return {
    key: signing.key.export({ type: 'pkcs8', format: 'pem' }) as string,
    algorithm: 'EdDSA',
    kid: signing.kid,
  };
}
