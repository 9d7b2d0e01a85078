import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { privateInbox, subjectText, TokenTable } from '@ccgame/nats';
import { batchToken, inboxMark } from '../serve/reply-batch.js';
import { decodeBody } from '../wire/wire-body.js';
import type { Waiting } from './call.js';
import { tokenText } from '../wire/asked-calls.js';
import { isNoResponders } from '../wire/reply-headers.js';

/**
 * The process's one reply inbox: a single subscription, a token a call, and one timer for all deadlines, set to the earliest.
 * A timer that ticks every few ms makes a lone call a quarter slower (docs/rpc.md): each wait for the network then has to
 * set the machine's clock.
 */
export class ReplyInbox {
  private readonly prefix: string;
  private readonly waiting = new TokenTable<Waiting>();
  private readonly subscription: Subscription;
  private timer?: NodeJS.Timeout;
  /** When the timer goes off; no deadline is before. */
  private earliest = Infinity;

  constructor(nats: NatsConnection) {
    this.prefix = privateInbox(nats) + inboxMark;
    this.subscription = nats.subscribe(`${this.prefix}*`, {
      // Refused by NATS, it has an error in place of a message, which the log has too.
      callback: (error, message) => (error ? undefined : this.receiveReply(message)),
    });
  }

  nextToken(): number {
    return this.waiting.nextToken();
  }

  /** The reply subject of a token. */
  subject(token: number): string {
    return this.prefix + tokenText(token);
  }

  addSink(token: number, waiting: Waiting): void {
    this.waiting.addEntry(token, waiting);
    if (waiting.deadline < this.earliest) {
      this.wakeAt(waiting.deadline);
    }
  }

  /** @returns whether it was still waiting. */
  removeSink(token: number): boolean {
    return this.waiting.delete(token);
  }

  get size(): number {
    return this.waiting.size;
  }

  listSinks(): Waiting[] {
    return this.waiting.all();
  }

  /** Undefined where it waits no longer. */
  sinkOf(token: number): Waiting | undefined {
    return this.waiting.get(token);
  }

  /** Every call in flight fails with GONE. */
  loseAll(reason: string): void {
    for (const waiting of this.listSinks()) {
      waiting.lose(reason);
    }
  }

  close(): void {
    this.loseAll('This process stops');
    this.stopTimer();
    this.subscription.unsubscribe();
  }

  private receiveReply(message: Msg): void {
    const token = subjectText(message).slice(this.prefix.length);
    if (token === batchToken) {
      this.receiveBatch(message);
      return;
    }
    const waiting = this.waiting.get(parseInt(token, 36));
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

  /** Pairs of token and result: `reply-batch.ts`. */
  private receiveBatch(message: Msg): void {
    const pairs = readPairs(message);
    for (let index = 0; index < pairs.length; index += 2) {
      this.waiting.get(parseInt(pairs[index] as string, 36))?.receiveAnswer?.(pairs[index + 1]);
    }
  }

  private wakeAt(deadline: number): void {
    clearTimeout(this.timer);
    this.earliest = deadline;
    // Behind the network's turn: after a pause of this process, answers that lie in the socket come first.
    const wake = (): NodeJS.Immediate => setImmediate(() => this.expireSinks());
    this.timer = setTimeout(wake, Math.max(0, Math.ceil(deadline - performance.now())));
  }

  private expireSinks(): void {
    const now = performance.now();
    this.stopTimer();
    let next = Infinity;
    for (const waiting of this.listSinks()) {
      if (waiting.deadline <= now) {
        waiting.expire();
      } else if (waiting.deadline < next) {
        next = waiting.deadline;
      }
    }
    // The caller may have given up and called again, and set the timer.
    if (next < this.earliest) {
      this.wakeAt(next);
    }
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.earliest = Infinity;
  }
}

/** Bytes that are no batch hold no answers. */
function readPairs(message: Msg): unknown[] {
  try {
    const pairs = decodeBody(message.data, false);
    return Array.isArray(pairs) ? pairs : [];
  } catch {
    return [];
  }
}
