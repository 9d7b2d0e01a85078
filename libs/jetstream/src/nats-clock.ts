import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION, NatsHealth, noteRetry } from '@ccgame/nats';

interface Sample {
  /** The length of the round trip, ms. */
  tookMs: number;
  /** The difference to this process's monotonic clock, ms. */
  offset: number;
}

const everyMs = 10_000;
const retryMs = 250;
const timeoutMs = 1_000;
/** The quickest of the last ones counts: what is off by is at most half its round trip. */
const samplesKept = 6;
/** A process that just starts answers late, so a single sample may be off by much of a busy second. */
const samplesAtFirst = 4;

/**
 * The time of the NATS server that stores a stream: one clock for all who compare times with each other, whatever the clocks of
 * their own machines say. It is measured over and over and goes on in between by this process's monotonic clock, so a
 * machine whose clock is set doesn't change it.
 */
@Injectable()
export class NatsClock implements OnApplicationShutdown {
  private readonly log = new Logger('clock');
  private samples: Sample[] = [];
  private offset = Date.now() - performance.now();
  private timer?: NodeJS.Timeout;
  private stream?: string;
  private unwatch?: () => void;
  private isStopped = false;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {}

  /** Resolves when the clock of the stream's server was read; from then on it is followed. */
  async follow(stream: string): Promise<void> {
    this.stream = stream;
    this.unwatch ??= this.health.onChange((connected) => {
      // It may be another server, with another clock.
      this.samples = [];
      if (connected) this.goOnIn(0);
    });
    for (let measured = 0; measured < samplesAtFirst && !this.isStopped;) {
      if (await this.measure()) measured += 1;
      else await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    const offMs = Math.round(Date.now() - this.now());
    if (Math.abs(offMs) > timeoutMs) this.log.warn({ event: 'clock.off', offMs });
    this.goOnIn(everyMs);
  }

  /** Epoch ms. This machine's own until {@link follow} has resolved. */
  now(): number {
    return Math.round(performance.now() + this.offset);
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    this.unwatch?.();
    clearTimeout(this.timer);
  }

  private goOnIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      void this.measure().then((isMeasured) => this.goOnIn(isMeasured ? everyMs : retryMs * 4));
    }, ms).unref();
  }

  /** False: there was no answer. */
  private async measure(): Promise<boolean> {
    try {
      const startedAt = performance.now();
      const answer = await this.nats.request(`$JS.API.STREAM.INFO.${this.stream}`, '', {
        timeout: timeoutMs,
      });
      const endedAt = performance.now();
      const at = Date.parse(answer.json<{ ts?: string }>().ts ?? '');
      if (Number.isNaN(at)) return false;
      this.keep({ tookMs: endedAt - startedAt, offset: at - (startedAt + endedAt) / 2 });
      return true;
    } catch (error) {
      if (!this.isStopped) noteRetry('clock', error);
      return false;
    }
  }

  private keep(sample: Sample): void {
    this.samples = [...this.samples, sample].slice(-samplesKept);
    this.offset = this.samples.reduce((best, one) => (one.tookMs < best.tookMs ? one : best)).offset;
  }
}
