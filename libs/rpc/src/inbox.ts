import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import type { Waiting } from './call.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { isNoResponders } from './wire-headers.js';

/** The process's one reply inbox: a single subscription, and a token a call. */
export class Inbox {
  private readonly prefix = `${createInbox()}.`;
  private readonly waiting = new Map<string, Waiting>();
  private readonly wheel = new DeadlineWheel();
  private readonly subscription: Subscription;
  private counter = 0;

  constructor(nats: NatsConnection) {
    this.subscription = nats.subscribe(`${this.prefix}*`, {
      callback: (_error, message) => this.receive(message),
    });
  }

  nextToken(): string {
    return (this.counter++).toString(36);
  }

  /** The reply subject of a token. */
  subject(token: string): string {
    return this.prefix + token;
  }

  add(token: string, waiting: Waiting): void {
    this.waiting.set(token, waiting);
    this.wheel.add(waiting);
  }

  remove(token: string, waiting: Waiting): void {
    this.waiting.delete(token);
    this.wheel.remove(waiting);
  }

  get size(): number {
    return this.waiting.size;
  }

  all(): Iterable<Waiting> {
    return this.waiting.values();
  }

  /** Every call in flight fails with GONE. */
  loseAll(reason: string): void {
    for (const waiting of [...this.waiting.values()]) {
      waiting.lose(reason);
    }
  }

  close(): void {
    this.loseAll('This process stops');
    this.wheel.stop();
    this.subscription.unsubscribe();
  }

  private receive(message: Msg): void {
    const waiting = this.waiting.get(message.subject.slice(this.prefix.length));
    if (!waiting) {
      // Answered already, or its caller has given up.
      return;
    }
    if (isNoResponders(message)) {
      waiting.nobody();
    } else {
      waiting.receive(message);
    }
  }
}
