import type { NatsConnection } from '@nats-io/nats-core';
import { NotRead } from '#rpc';
import { pushStreamRange } from './push-stream.js';

interface Range {
  first: number;
  last: number;
}

/**
 * The first and last positions in the log, asked once for all who want to know at the same time: an answer serves those
 * who asked before its request went out, so that it is never older than the question.
 */
export class PushRange {
  private running?: Promise<unknown>;
  private next?: Promise<Range>;

  constructor(private readonly nats: NatsConnection) {}

  /** @throws NotRead 'away' */
  read(): Promise<Range> {
    if (!this.running) return this.start();
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return this.start();
    });
    return this.next;
  }

  private start(): Promise<Range> {
    const asked = pushStreamRange(this.nats).catch(() => {
      throw new NotRead('away');
    });
    const running = asked
      .catch(() => undefined)
      .finally(() => {
        if (this.running === running) this.running = undefined;
      });
    this.running = running;
    return asked;
  }
}
