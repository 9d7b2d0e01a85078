import { type Msg, type MsgHdrs, type NatsConnection, nuid, type Subscription } from '@nats-io/nats-core';
import { type NatsHealth, Patience, privateInbox, TokenTable } from '@ccgame/nats';
import { endSpan, RpcError, startSpan } from '@ccgame/rpc/basics';
import { type Span, SpanKind } from '@opentelemetry/api';
import { metrics } from '../metrics.js';
import { parseJson } from '../reading/parse-json.js';
import { expectedHeader, expectingHeaders, type ExpectingMessage, inBatch } from './batch.js';
import { NotStored, type StoredAt } from './not-stored.js';
import { isAboutNow } from './refusals.js';

/** Told what became of a publish, by one call of one of both. */
export interface Acked {
  /** Whether JetStream stores it once, however often it comes, or twice does no harm: it is sent again where its ack is late. */
  readonly isStoredOnce?: boolean;
  stored(at: StoredAt): void;
  notStored(error: NotStored): void;
}

interface Pending {
  subject: string;
  sentAt: number;
  acked: Acked;
  span?: Span;
  /** NATS was away when it was to be sent. */
  isHeld: boolean;
  /** When it was sent last. */
  askedAt: number;
  send: (replyTo: string) => void;
}

/** Shorter than any caller's patience: an ack that is a second late was lost with a server. */
const ackTimeoutMs = 2_000;
/** Behind the token, in the subject of an answer to a repeat. */
const repeatMark = '-';
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
  private readonly patience = new Patience(ackTimeoutMs, (now) => this.lookRound(now));
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
  publish(
    subject: string,
    payload: Uint8Array | string,
    headers?: MsgHdrs,
    isStoredOnce = headers?.has(expectedHeader),
  ): Promise<StoredAt> {
    return new Promise((stored, notStored) => {
      this.publishWithCallback(subject, payload, { isStoredOnce, stored, notStored }, headers);
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
    const sentAt = performance.now();
    this.pending.addEntry(token, { subject, sentAt, askedAt: sentAt, acked, span, isHeld, send });
  }

  /**
   * Stores all of the messages next to each other, or none. Their stream must allow atomic batches.
   *
   * @returns the place of the first
   * @throws NotStored; RpcError TOO_LARGE where one of them is, and nothing is sent; as {@link publish}
   */
  async publishAll(messages: readonly ExpectingMessage[]): Promise<StoredAt> {
    const [first] = messages;
    const isStoredOnce = messages.some(({ expected }) => expected !== undefined);
    if (first && messages.length === 1) {
      const mayRepeat = isStoredOnce || first.mayBeTwice;
      return this.publish(first.subject, first.payload, expectingHeaders(first), mayRepeat);
    }
    const last = messages.at(-1);
    if (!last) throw new Error('A batch without messages');
    for (const { payload } of messages) this.checkSize(payload, true);
    const sendBatch = (reply: string): void => {
      const batchId = `${this.batchPrefix}${(this.batches++).toString(36)}`;
      for (const [index, message] of messages.entries()) {
        const isLast = index === messages.length - 1;
        const headers = inBatch(message, batchId, index, isLast);
        this.nats.publish(message.subject, message.payload, isLast ? { reply, headers } : { headers });
      }
    };
    const { stream, seq } = await new Promise<StoredAt>((stored, notStored) =>
      this.sendAndTrack(last.subject, { isStoredOnce, stored, notStored }, sendBatch),
    );
    return { stream, seq: seq - messages.length + 1 };
  }

  private replyTo(token: number): string {
    return this.prefix + token.toString(36);
  }

  /** In the order in which they were to be sent. */
  private sendHeld(): void {
    for (const [token, pending] of this.pending.entries()) {
      if (!pending.isHeld) continue;
      pending.isHeld = false;
      pending.sentAt = pending.askedAt = performance.now();
      try {
        pending.send(this.replyTo(token));
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
    const reply = message.subject.slice(this.prefix.length);
    const token = parseInt(reply, 36);
    const pending = this.pending.get(token);
    if (!pending) return;
    const answer = readAnswer(message);
    if (answer instanceof NotStored) {
      const error = reply.endsWith(repeatMark) ? whyNotRepeated(answer) : answer;
      if (error && this.pending.delete(token)) this.failWith(pending, error);
      return;
    }
    this.pending.delete(token);
    const { acked, sentAt, span } = pending;
    metrics.publishSeconds.observe({ storage: answer.stream }, (performance.now() - sentAt) / 1_000);
    if (span) endSpan(span);
    acked.stored(answer);
  }

  /** All wait equally long, so the oldest come first. */
  private lookRound(now: number): void {
    if (this.pending.size === 0) return this.patience.rest();
    for (const [token, pending] of this.pending.entries()) {
      const { sentAt, askedAt, isHeld, acked } = pending;
      if (!this.patience.isLate(sentAt, now)) return;
      if (this.patience.isOver(sentAt, now)) {
        this.pending.delete(token);
        this.failWith(pending, new NotStored('unknown', 'No ack came in time'));
      } else if (!isHeld && acked.isStoredOnce && this.patience.spendRepeat(askedAt, now)) {
        pending.askedAt = now;
        pending.send(this.replyTo(token) + repeatMark);
        metrics.repeated.inc();
      }
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

function readAnswer(message: Msg): StoredAt | NotStored {
  if (message.headers?.code === 503) return new NotStored('nobody', 'No stream takes this subject');
  const ack = parseJson<StoredAt & { error?: { err_code: number; description: string } }>(message.string());
  if (!ack) return new NotStored('unknown', 'The ack is not readable');
  return ack.error ? new NotStored('refused', ack.error.description, ack.error.err_code) : ack;
}

/** A repeat that is refused by what stands there says that the first, or somebody else's, was stored. Undefined: it says nothing yet. */
function whyNotRepeated(refusal: NotStored): NotStored | undefined {
  if (refusal.kind !== 'refused' || isAboutNow(refusal)) return undefined;
  return new NotStored('unknown', `The ack was lost, and the repeat was refused: ${refusal.message}`);
}
