import { randomUUID } from 'node:crypto';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import type { NatsHealth } from '@ccgame/nats';
import { parseJson } from '@ccgame/jetstream';

interface Count {
  hits: number;
  /** Those that the other servers have not been told of; below 0 where they were told of more. */
  untold: number;
  /** By `performance.now()`. */
  endsAt: number;
}

/**
 * The hits since the last time, below 0 where more were taken back, and how long their minute goes on, ms. A server of an older version tells no
 * time, and hears of none that were taken back.
 */
type ToldHits = [key: string, hits: number, leftMs?: number];

interface ToldCounts {
  /** The server that tells, as it hears itself. */
  from: string;
  hits: ToldHits[];
}

/** Only http servers may speak and hear there (k8s/nats/accounts). */
export const countsSubject = 'http.counts';
/** The time in which hits are collected before they are told. */
const tellAfterMs = 50;
/** So long after NATS is back the other servers are as well. */
const allBackMs = 2_000;
/** Told in one message: some 80 bytes each. */
const toldAtOnce = 1_000;
/** Some 40 MB; the oldest are forgotten when more callers come within a minute. */
const mostCounts = 200_000;

/**
 * Counts the requests of each caller over all http servers. A server tells the others of a caller whose hits have become a noticeable part
 * of the limit; for the many who come once nothing is sent. While NATS is away each server counts for itself (decision 210).
 */
export class SharedCounts implements ThrottlerStorage, OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('limits');
  private readonly self = randomUUID();
  /** Those that end first stand first, but for some that other servers began. */
  private readonly counts = new Map<string, Count>();
  /** By keys of some of the {@link counts}. */
  private readonly untold = new Map<string, number>();
  private timer?: NodeJS.Timeout;
  /** By `performance.now()`: the other servers may not hear anything yet. */
  private quietUntil = 0;
  private subscription?: Subscription;
  private unwatch?: () => void;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly windowMs: number,
  ) {}

  onModuleInit(): void {
    this.unwatch = this.health.onChange((connected) => {
      if (!connected) return;
      this.quietUntil = performance.now() + allBackMs;
      // One that was set before NATS went would tell nobody.
      clearTimeout(this.timer);
      this.timer = undefined;
      if (this.untold.size > 0) this.tellSoon();
    });
    this.subscription = this.nats.subscribe(countsSubject, {
      callback: (error, message) => {
        if (error) this.log.error({ event: 'limits.not-shared', reason: error.message });
        else this.noteTold(message.string());
      },
    });
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.unwatch?.();
    this.subscription?.unsubscribe();
  }

  /** Times in the answer are seconds. A request that is refused isn't counted, so whoever waits is let in again. */
  async increment(key: string, _ttl: number, limit: number): ReturnType<ThrottlerStorage['increment']> {
    const count = this.countOf(key);
    const isBlocked = count.hits >= limit;
    if (!isBlocked) this.noteHits(key, count, 1, limit);
    const secondsLeft = Math.max(1, Math.ceil((count.endsAt - performance.now()) / 1_000));
    return {
      totalHits: count.hits + (isBlocked ? 1 : 0),
      timeToExpire: secondsLeft,
      isBlocked,
      timeToBlockExpire: isBlocked ? secondsLeft : 0,
    };
  }

  /** Also just after it was, for the requests that waited for it. */
  get isNatsAway(): boolean {
    return !this.health.connected || performance.now() < this.quietUntil;
  }

  /** Takes back a hit of the caller's minute, which is told as a hit is. */
  giveBack(key: string, limit: number): void {
    const count = this.countOf(key);
    if (count.hits > 0) this.noteHits(key, count, -1, limit);
  }

  private noteHits(key: string, count: Count, more: 1 | -1, limit: number): void {
    count.hits += more;
    count.untold += more;
    if (Math.abs(count.untold) < toldFrom(limit)) return;
    this.untold.set(key, (this.untold.get(key) ?? 0) + count.untold);
    count.untold = 0;
    this.tellSoon();
  }

  private tellSoon(): void {
    const ms = Math.max(tellAfterMs, this.quietUntil - performance.now());
    this.timer ??= setTimeout(() => this.tellOthers(), ms).unref();
  }

  private countOf(key: string): Count {
    const now = performance.now();
    const known = this.counts.get(key);
    if (known && known.endsAt > now) return known;
    // Behind those that end earlier.
    this.forgetCaller(key);
    this.forgetOld(now);
    const count = { hits: 0, untold: 0, endsAt: now + this.windowMs };
    this.counts.set(key, count);
    return count;
  }

  private forgetOld(now: number): void {
    for (const [key, { endsAt }] of this.counts) {
      if (endsAt > now && this.counts.size < mostCounts) return;
      this.forgetCaller(key);
    }
  }

  private forgetCaller(key: string): void {
    this.counts.delete(key);
    this.untold.delete(key);
  }

  private tellOthers(): void {
    this.timer = undefined;
    if (!this.health.connected || this.nats.isClosed()) return;
    const now = performance.now();
    const hits = [...this.untold]
      .map(([key, more]): Required<ToldHits> => [key, more, this.leftMs(key, now)])
      .filter(([, more, leftMs]) => more !== 0 && leftMs > 0);
    this.untold.clear();
    for (let i = 0; i < hits.length; i += toldAtOnce) {
      const told: ToldCounts = { from: this.self, hits: hits.slice(i, i + toldAtOnce) };
      this.nats.publish(countsSubject, JSON.stringify(told));
    }
  }

  private leftMs(key: string, now: number): number {
    return Math.ceil((this.counts.get(key)?.endsAt ?? now) - now);
  }

  private noteTold(text: string): void {
    const { from, hits } = parseJson<Partial<ToldCounts>>(text) ?? {};
    if (typeof from !== 'string' || from === this.self || !Array.isArray(hits)) return;
    for (const one of hits.slice(0, toldAtOnce)) {
      const [key, more, leftMs]: unknown[] = Array.isArray(one) ? one : [];
      const isCount = typeof more === 'number' && Number.isSafeInteger(more) && more !== 0;
      if (isCount && typeof key === 'string' && key.length <= 64)
        this.noteToldHits(key, more, Number(leftMs));
    }
  }

  /**
   * A minute goes on as long as that of the server that tells: else the hits would be forgotten with a minute that began earlier, and each
   * server would let in as many as all together may. One that begins with them ends with that one, too.
   */
  private noteToldHits(key: string, hits: number, leftMs: number): void {
    const now = performance.now();
    const endsAt = now + Math.min(leftMs, this.windowMs);
    const isFirst = (this.counts.get(key)?.endsAt ?? 0) <= now;
    const count = this.countOf(key);
    count.hits = Math.max(0, count.hits + hits);
    // Two that tell each other of the same minute don't draw it out by the time on the way.
    const isAnother = isFirst ? endsAt > now : endsAt > count.endsAt + tellAfterMs;
    if (!isAnother) return;
    count.endsAt = endsAt;
    this.counts.delete(key);
    this.counts.set(key, count);
  }
}

/** A device's third login, a 64th of what an address may: so N servers let through N/64 more than the limit. */
function toldFrom(limit: number): number {
  return Math.floor(Math.max(1, Math.min(3, limit / 8), limit / 64));
}
