import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsHealth, RpcError } from '#rpc';
import { type AckedPublisher, NotStored, type StoredAt } from '../jetstream/acked-publisher.js';
import { openPushStream } from './push-stream.js';
import { logSubject } from './subjects.js';

interface Entry {
  subject: string;
  body: string;
  deadline: number;
  resolve: (at: StoredAt | undefined) => void;
  reject: (error: unknown) => void;
}

/** Retries must end well before the log forgets a message (60 s), or a late one would be stored twice. */
const retryForMs = 30_000;
const maxInFlight = 1024;
const maxWaiting = 100_000;
const retryPauseMs = 50;

/** "maximum messages per subject exceeded": the first try was stored, only its ack was lost. */
const alreadyStored = /maximum messages per subject/;
/** "maximum bytes exceeded", "insufficient resources", … */
const full = /maximum bytes|insufficient|maximum messages exceeded/;

/** Appends to players' logs: acknowledged, once, and in the order of the calls for each player. */
export class PushLog {
  private readonly idPrefix = randomBytes(6).toString('hex');
  private readonly queues = new Map<string, Entry[]>();
  private readonly waitingForPlace: (() => void)[] = [];
  private inFlight = 0;
  private waiting = 0;
  private counter = 0;
  private reopening?: Promise<unknown>;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly publisher: AckedPublisher,
  ) {}

  /**
   * Resolves when the push is stored, with its place where that is known.
   *
   * @param id makes the push one of a kind for this player: while the log keeps it, another of that id isn't stored
   * @throws RpcError BUSY when the log or this process's queue is full; TIMEOUT after 30 s, and it may be stored then
   */
  append(playerId: string, body: string, id?: string): Promise<StoredAt | undefined> {
    if (this.waiting >= maxWaiting) {
      return Promise.reject(new RpcError('BUSY', { message: 'Too many pushes wait', retryAfterMs: 1_000 }));
    }
    return new Promise((resolve, reject) => {
      const messageId = id ?? `${this.idPrefix}-${(this.counter++).toString(36)}`;
      const entry = { subject: logSubject(playerId, messageId), body, deadline: 0, resolve, reject };
      this.waiting += 1;
      const queue = this.queues.get(playerId);
      if (queue) {
        queue.push(entry);
        return;
      }
      const started = [entry];
      this.queues.set(playerId, started);
      void this.work(playerId, started);
    });
  }

  /** One push of a player at a time: with two in flight, the retry of the first would come after the second. */
  private async work(playerId: string, queue: Entry[]): Promise<void> {
    for (let entry = queue.at(0); entry; entry = queue.at(0)) {
      if (this.inFlight >= maxInFlight) await this.place();
      this.inFlight += 1;
      try {
        entry.resolve(await this.store(entry));
      } catch (error) {
        entry.reject(error);
      }
      this.inFlight -= 1;
      this.waitingForPlace.shift()?.();
      this.waiting -= 1;
      queue.shift();
    }
    this.queues.delete(playerId);
  }

  private async store(entry: Entry): Promise<StoredAt | undefined> {
    entry.deadline = performance.now() + retryForMs;
    for (;;) {
      try {
        if (!this.health.connected) await this.health.waitUntilConnected(entry.deadline - performance.now());
        return await this.publisher.publish(entry.subject, entry.body);
      } catch (error) {
        if (!(error instanceof NotStored)) throw error;
        if (error.kind === 'refused' && alreadyStored.test(error.message)) return undefined;
        if (error.kind === 'refused' && full.test(error.message)) {
          throw new RpcError('BUSY', { message: `The push log is full: ${error.message}`, cause: error });
        }
        if (performance.now() > entry.deadline) throw new RpcError('TIMEOUT', { cause: error });
        if (error.kind === 'nobody') await this.reopen();
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
      }
    }
  }

  /** The log is gone with NATS's state, or NATS is starting. */
  private reopen(): Promise<unknown> {
    this.reopening ??= openPushStream(this.nats)
      .catch(() => undefined)
      .finally(() => (this.reopening = undefined));
    return this.reopening;
  }

  private place(): Promise<void> {
    return new Promise((resolve) => this.waitingForPlace.push(resolve));
  }
}
