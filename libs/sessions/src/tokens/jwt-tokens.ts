import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { GameErrors } from '#contracts';
import { errors, jwtVerify, SignJWT } from 'jose';
import { type TokenClaims, TokenVerifier } from './token-verifier.js';

const algorithm = 'HS256';
const issuer = 'ccgame';
/** Longer ones aren't ours, and need not be hashed to know it. */
const maxLength = 2048;

/** Signs and checks the guests' tokens: JWT, HS256 with TOKEN_SECRET, short-lived. */
@Injectable()
export class JwtTokens extends TokenVerifier {
  /** A key object is imported once; of bytes, jose would make a new one for each token. */
  private readonly key = createSecretKey(Buffer.from(Config.TOKEN_SECRET));

  async sign(playerId: string): Promise<{ token: string; expiresInSeconds: number }> {
    const expiresInSeconds = Config.TOKEN_TTL_SECONDS;
    const token = await new SignJWT()
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(issuer)
      .setSubject(playerId)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds)
      .sign(this.key);
    return { token, expiresInSeconds };
  }

  async verify(token: string): Promise<TokenClaims> {
    if (typeof token !== 'string' || token === '') throw refuse('The token is missing.');
    if (token.length > maxLength) throw refuse('The token is not valid.');
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [algorithm],
        issuer,
        requiredClaims: ['sub', 'exp'],
      });
      return { playerId: String(payload.sub), expiresAt: Number(payload.exp) * 1000 };
    } catch (error) {
      throw refuse(error instanceof errors.JWTExpired ? 'The token has expired.' : 'The token is not valid.');
    }
  }
}

function refuse(detail: string): Error {
  return GameErrors.UNAUTHENTICATED({ details: { detail } });
}
