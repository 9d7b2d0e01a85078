import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import type { NatsHealth } from '#rpc';

/** A message as the stream holds it. */
export interface StoredMessage {
  seq: number;
  subject: string;
  data: Uint8Array;
}

/** The fields of ADR-31 (direct get) that are used here. */
export interface DirectRequest {
  seq?: number;
  last_by_subj?: string;
  next_by_subj?: string;
  multi_last?: string[];
  batch?: number;
}

/** `gone`: there is no such stream. `too-many`: over 1,024 subjects. `away`: NATS did not answer. */
export class NotRead extends Error {
  override readonly name = 'NotRead';
  constructor(readonly kind: 'gone' | 'too-many' | 'away') {
    super(`A direct read failed: ${kind}`);
  }
}

interface Reading {
  messages: StoredMessage[];
  isBatch: boolean;
  timer: NodeJS.Timeout;
  resolve: (messages: StoredMessage[]) => void;
  reject: (error: Error) => void;
}

const timeoutMs = 2_000;

/** Reads streams by direct get (ADR-31), which any replica answers without a consumer, on one inbox for the process. */
export class DirectReader {
  private readonly prefix = `${createInbox()}.`;
  private readonly readings = new Map<string, Reading>();
  private readonly subscription: Subscription;
  private readonly unwatch: () => void;
  private counter = 0;

  constructor(
    private readonly nats: NatsConnection,
    health: NatsHealth,
  ) {
    this.subscription = nats.subscribe(`${this.prefix}*`, {
      callback: (_error, message) => this.receive(message),
    });
    this.unwatch = health.onChange((connected) => {
      if (!connected) this.failAll();
    });
  }

  /** The messages that fit, in the stream's order; none fits: `[]`. @throws NotRead */
  read(stream: string, request: DirectRequest): Promise<StoredMessage[]> {
    return new Promise((resolve, reject) => {
      const token = (this.counter++).toString(36);
      const timer = setTimeout(() => this.fail(token, 'away'), timeoutMs);
      const isBatch = request.batch !== undefined;
      this.readings.set(token, { messages: [], isBatch, timer, resolve, reject });
      this.nats.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(request), {
        reply: this.prefix + token,
      });
    });
  }

  /** The last message of a subject. @throws NotRead */
  async last(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return (await this.read(stream, { last_by_subj: subject }))[0];
  }

  close(): void {
    this.unwatch();
    this.failAll();
    this.subscription.unsubscribe();
  }

  private receive(message: Msg): void {
    const token = message.subject.slice(this.prefix.length);
    const reading = this.readings.get(token);
    if (!reading) return;
    const status = message.headers?.code ?? 0;
    if (status === 404 || status === 204) return this.finish(token, reading);
    if (status === 503) return this.fail(token, 'gone');
    if (status === 413) return this.fail(token, 'too-many');
    if (status >= 400) return this.fail(token, 'away');
    reading.messages.push({
      seq: Number(message.headers?.get('Nats-Sequence')),
      subject: message.headers?.get('Nats-Subject') ?? '',
      data: message.data,
    });
    if (!reading.isBatch) this.finish(token, reading);
  }

  private finish(token: string, reading: Reading): void {
    this.readings.delete(token);
    clearTimeout(reading.timer);
    reading.resolve(reading.messages);
  }

  private fail(token: string, kind: NotRead['kind']): void {
    const reading = this.readings.get(token);
    if (!reading) return;
    this.readings.delete(token);
    clearTimeout(reading.timer);
    reading.reject(new NotRead(kind));
  }

  private failAll(): void {
    for (const token of [...this.readings.keys()]) this.fail(token, 'away');
  }
}
