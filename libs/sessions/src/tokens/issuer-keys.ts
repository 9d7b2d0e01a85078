import { noteRetry } from '@ccgame/nats';
import { RpcError } from '@ccgame/rpc';
import { createRemoteJWKSet, errors, jwksCache, type JWKSCacheInput, type JWTVerifyGetKey } from 'jose';

/** The issuer is asked again for keys that are older, ms. */
const freshMs = 10 * 60_000;
/** For so long known keys are good while the issuer can't be asked, ms. */
const keptMs = 6 * 3_600_000;
/** An issuer that is away is asked again so often, ms. */
const againMs = 30_000;
const answerMs = 3_000;
/** For a `kid` that is not among the keys they are asked for again when they are older than this, ms: anybody can make one up. */
const cooldownMs = 2_000;

/** The keys of an issuer, which are fetched at first use, when they are old, and when a new `kid` comes. */
export class IssuerKeys {
  private readonly cache: JWKSCacheInput = {};
  private readonly keys;
  private isAway = false;
  private askedAt = -Infinity;
  private asking?: Promise<void>;

  constructor(url: URL) {
    this.keys = createRemoteJWKSet(url, {
      timeoutDuration: answerMs,
      cacheMaxAge: keptMs,
      cooldownDuration: cooldownMs,
      [jwksCache]: this.cache,
    });
  }

  /** For `jwtVerify`. @throws RpcError BUSY for a key that may be newer than the known ones */
  readonly findKey: JWTVerifyGetKey = async (header, token) => {
    const now = Date.now();
    const { coolingDown } = this.keys;
    const age = now - (this.cache.uat ?? now);
    if (age >= freshMs && age < keptMs) await this.renew(now);
    return this.keys(header, token).catch((error: unknown) => {
      const mayBeNew = coolingDown && error instanceof errors.JWKSNoMatchingKey;
      throw mayBeNew ? new RpcError('BUSY', { retryAfterMs: cooldownMs, cause: error }) : error;
    });
  };

  /** A key may have been withdrawn, so its new ones are waited for: but not while the issuer was away at the last try. */
  private async renew(now: number): Promise<void> {
    if (!this.asking && now - this.askedAt >= againMs) {
      this.askedAt = now;
      this.asking = this.ask();
    }
    if (!this.isAway) await this.asking;
  }

  private async ask(): Promise<void> {
    try {
      await this.keys.reload();
      this.isAway = false;
    } catch (error) {
      this.isAway = true;
      noteRetry('issuer-keys', error);
    } finally {
      this.asking = undefined;
    }
  }
}
