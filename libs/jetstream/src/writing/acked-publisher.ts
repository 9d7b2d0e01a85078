import { type Msg, type MsgHdrs, type NatsConnection, nuid, type Subscription } from '@nats-io/nats-core';
import { type NatsHealth, Patience, privateInbox, TokenTable } from '@ccgame/nats';
import { endSpan, RpcError, startSpan } from '@ccgame/rpc/basics';
import { type Span, SpanKind } from '@opentelemetry/api';
import { metrics } from '../metrics.js';
import { parseJson } from '../reading/parse-json.js';
import { expectingHeaders, type ExpectingMessage, inBatch } from './batch.js';

/** JetStream's answer to a message that it has stored. */
export interface StoredAt {
  stream: string;
  seq: number;
}

/**
 * Why a publish has no ack. `refused`: JetStream said no, and `apiCode` and the text say why. `nobody`: no stream takes
 * the subject, or JetStream is starting. `denied`: this server's user may not publish there, which trying again doesn't change.
 * `unknown`: no answer, so it may be stored or not.
 */
export class NotStored extends Error {
  override readonly name = 'NotStored';
  constructor(
    readonly kind: 'refused' | 'nobody' | 'denied' | 'unknown',
    message: string,
    readonly apiCode?: number,
  ) {
    super(message);
  }
}

/** Told what became of a publish, by one call of one of both. */
export interface Acked {
  stored(at: StoredAt): void;
  notStored(error: NotStored): void;
}

interface Pending {
  subject: string;
  sentAt: number;
  acked: Acked;
  span?: Span;
  /** Undefined: it was sent. */
  send?: (replyTo: string) => void;
}

/** Shorter than any caller's patience: an ack that is a second late was lost with a server. */
const ackTimeoutMs = 2_000;
/** A compare-and-set that came second, too many batches at once, and a message that is too large. */
const ordinary = new Set([10071, 10164, 10176, 10210, 0]);
/** More than any headers of ours, bytes: they count in NATS's limit, and counting them would write them twice. */
const headersBytes = 512;

/**
 * Publishes to JetStream and waits for the acks on one inbox for the whole process. The library's own `js.publish` makes
 * a request object, a timer and a promise race for each message, which costs ten times the CPU; and it throws away what is
 * published while NATS is away, which here goes out when NATS is back within the patience for an ack.
 */
export class AckedPublisher {
  private readonly prefix: string;
  private readonly pending = new TokenTable<Pending>();
  private readonly subscription: Subscription;
  private readonly patience = new Patience(ackTimeoutMs, (now) => this.expirePending(now));
  private readonly endings: (() => void)[];
  private readonly batchPrefix = nuid.next();
  private batches = 0;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.prefix = `${privateInbox(nats)}.`;
    this.subscription = nats.subscribe(`${this.prefix}*`, {
      // Refused by NATS, it has an error in place of a message, which the log has too.
      callback: (error, message) => (error ? undefined : this.receiveAck(message)),
    });
    this.endings = [
      health.onDenied((subject) => this.failDenied(subject)),
      health.onChange((connected) => {
        if (connected) this.sendHeld();
        else this.loseAll('The connection to NATS broke before the ack came');
      }),
    ];
  }

  /** @throws NotStored, RpcError TOO_LARGE, or the library's error when the connection is closed */
  publish(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<StoredAt> {
    return new Promise((stored, notStored) => {
      this.publishWithCallback(subject, payload, { stored, notStored }, headers);
    });
  }

  /** As {@link publish}, without the cost of a promise. @throws RpcError TOO_LARGE */
  publishWithCallback(subject: string, payload: Uint8Array | string, acked: Acked, headers?: MsgHdrs): void {
    this.checkSize(payload, headers !== undefined);
    this.sendAndTrack(subject, acked, (reply) => this.nats.publish(subject, payload, { reply, headers }));
  }

  private sendAndTrack(subject: string, acked: Acked, send: (replyTo: string) => void): void {
    const token = this.pending.nextToken();
    this.patience.watch();
    const isHeld = !this.health.connected && !this.health.isClosed;
    if (!isHeld) send(this.replyTo(token));
    const span = startSpan('JetStream publish', SpanKind.PRODUCER, () => ({
      'messaging.system': 'nats',
      'messaging.destination.name': subject,
    }));
    this.pending.addEntry(token, {
      subject,
      sentAt: performance.now(),
      acked,
      span,
      send: isHeld ? send : undefined,
    });
  }

  /**
   * Stores all of the messages next to each other, or none. Their stream must allow atomic batches.
   *
   * @returns the place of the first
   * @throws NotStored; RpcError TOO_LARGE where one of them is, and nothing is sent; as {@link publish}
   */
  async publishAll(messages: readonly ExpectingMessage[]): Promise<StoredAt> {
    const [first] = messages;
    if (first && messages.length === 1)
      return this.publish(first.subject, first.payload, expectingHeaders(first));
    const last = messages.at(-1);
    if (!last) throw new Error('A batch without messages');
    for (const { payload } of messages) this.checkSize(payload, true);
    const batchId = `${this.batchPrefix}${(this.batches++).toString(36)}`;
    const sendBatch = (reply: string): void => {
      for (const [index, message] of messages.entries()) {
        const isLast = index === messages.length - 1;
        const headers = inBatch(message, batchId, index, isLast);
        this.nats.publish(message.subject, message.payload, isLast ? { reply, headers } : { headers });
      }
    };
    const { stream, seq } = await new Promise<StoredAt>((stored, notStored) =>
      this.sendAndTrack(last.subject, { stored, notStored }, sendBatch),
    );
    return { stream, seq: seq - messages.length + 1 };
  }

  private replyTo(token: number): string {
    return this.prefix + token.toString(36);
  }

  /** In the order in which they were to be sent. */
  private sendHeld(): void {
    for (const [token, pending] of this.pending.entries()) {
      const { send } = pending;
      pending.send = undefined;
      pending.sentAt = performance.now();
      try {
        send?.(this.replyTo(token));
      } catch (error) {
        // NATS came back with a lower limit for a message.
        this.pending.delete(token);
        this.failWith(pending, new NotStored('refused', (error as Error).message));
      }
    }
  }

  /** NATS would cut the connection for one that is larger. */
  private checkSize(payload: Uint8Array | string, hasHeaders: boolean): void {
    const limit = this.nats.info?.max_payload ?? Infinity;
    const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    const bytes = length + (hasHeaders ? headersBytes : 0);
    if (bytes > limit) throw new RpcError('TOO_LARGE', { details: { bytes, limit } });
  }

  close(): void {
    this.patience.rest();
    for (const end of this.endings) end();
    this.loseAll('This process stops');
    this.subscription.unsubscribe();
  }

  private receiveAck(message: Msg): void {
    const token = parseInt(message.subject.slice(this.prefix.length), 36);
    const pending = this.pending.get(token);
    if (!pending) return;
    this.pending.delete(token);
    const { acked, sentAt, span } = pending;
    if (message.headers?.code === 503) {
      return this.failWith(pending, new NotStored('nobody', 'No stream takes this subject'));
    }
    const ack = parseJson<StoredAt & { error?: { err_code: number; description: string } }>(message.string());
    if (!ack) this.failWith(pending, new NotStored('unknown', 'The ack is not readable'));
    else if (ack.error)
      this.failWith(pending, new NotStored('refused', ack.error.description, ack.error.err_code));
    else {
      metrics.publishSeconds.observe({ storage: ack.stream }, (performance.now() - sentAt) / 1_000);
      if (span) endSpan(span);
      acked.stored(ack);
    }
  }

  /** All wait equally long, so the oldest come first. */
  private expirePending(now: number): void {
    if (this.pending.size === 0) return this.patience.rest();
    for (const [token, pending] of this.pending.entries()) {
      if (!this.patience.isOver(pending.sentAt, now)) return;
      this.pending.delete(token);
      this.failWith(pending, new NotStored('unknown', 'No ack came in time'));
    }
  }

  /** NATS says no at once, but not to which message. */
  private failDenied(denied: string): void {
    for (const [token, pending] of this.pending.entries()) {
      if (pending.subject !== denied) continue;
      this.pending.delete(token);
      this.failWith(pending, new NotStored('denied', `NATS does not let this server publish to ${denied}`));
    }
  }

  private loseAll(reason: string): void {
    const all = this.pending.entries();
    for (const [token] of all) this.pending.delete(token);
    for (const [, pending] of all) this.failWith(pending, new NotStored('unknown', reason));
  }

  private failWith({ acked, span }: Pending, error: NotStored): void {
    if (span) endSpan(span, error.kind);
    metrics.notStored.inc({ kind: error.kind });
    if (isStorageFault(error)) this.health.storage.doubt();
    acked.notStored(error);
  }
}

/** Else JetStream, or NATS, said no to this message for a reason of its own. */
function isStorageFault({ kind, apiCode }: NotStored): boolean {
  return kind === 'nobody' || kind === 'unknown' || (kind === 'refused' && !ordinary.has(apiCode ?? 0));
}
