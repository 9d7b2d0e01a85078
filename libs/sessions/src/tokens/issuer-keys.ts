import { noteRetry } from '@ccgame/nats';
import { RpcError } from '@ccgame/rpc';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  jwksCache,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
} from 'jose';

/** The issuer is asked again for keys that are older, ms. */
const freshMs = 10 * 60_000;
/** For so long known keys are good while the issuer can't be asked, ms. */
const keptMs = 6 * 3_600_000;
/** An issuer that is away is asked again so often, ms. */
const againMs = 30_000;
const answerMs = 3_000;
/** For a `kid` that is not among the keys they are asked for again when they are older than this, ms: anybody can make one up. */
const cooldownMs = 2_000;
/** Unknown ones that are remembered. */
const mostStrange = 100;

/** The keys of an issuer, which are fetched at first use, when they are old, and when a new `kid` comes. */
export class IssuerKeys {
  private readonly cache: JWKSCacheInput = {};
  private readonly keys;
  private isAway = false;
  private askedAt = -Infinity;
  private asking?: Promise<void>;
  /** The known keys were asked for then, by `performance.now()`. */
  private knownSince = -Infinity;
  /** By `Date.now()`, as jose's own pause is. */
  private failedAt = -Infinity;
  /** By `kid`, when the first token of a key came that was not known, by `performance.now()`. */
  private readonly strange = new Map<string, number>();

  constructor(url: URL) {
    this.keys = createRemoteJWKSet(url, {
      timeoutDuration: answerMs,
      cacheMaxAge: keptMs,
      cooldownDuration: cooldownMs,
      [jwksCache]: this.cache,
      [customFetch]: this.fetchKeys,
    });
  }

  /** For `jwtVerify`. @throws RpcError BUSY for a key that came first after the known ones were asked for: it may be newer */
  readonly findKey: JWTVerifyGetKey = async (header, token) => {
    const now = Date.now();
    const cameAt = performance.now();
    const age = now - (this.cache.uat ?? now);
    if (age >= freshMs && age < keptMs) await this.renew(now);
    return this.keys(header, token).catch((error: unknown) => {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const mayBeNew = this.firstSeen(header.kid ?? '', cameAt) > this.knownSince;
      throw mayBeNew ? new RpcError('BUSY', { retryAfterMs: cooldownMs, cause: error }) : error;
    });
  };

  private firstSeen(kid: string, cameAt: number): number {
    const seenAt = this.strange.get(kid) ?? cameAt;
    if (this.strange.size >= mostStrange) this.strange.clear();
    this.strange.set(kid, seenAt);
    return seenAt;
  }

  /** jose makes no pause behind an issuer that fails: each token of an unknown key would ask it again. */
  private readonly fetchKeys: FetchImplementation = async (url, options) => {
    if (Math.abs(Date.now() - this.failedAt) < cooldownMs) throw new Error('The issuer has just failed');
    const askedAt = performance.now();
    let isAnswered = false;
    try {
      const response = await fetch(url, options);
      isAnswered = response.ok;
      return response;
    } finally {
      if (isAnswered) this.knownSince = askedAt;
      else this.failedAt = Date.now();
    }
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
