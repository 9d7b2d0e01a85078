import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { headerText, type NatsHealth, Patience, privateInbox, TokenTable } from '@ccgame/nats';
import { headerField, StoredMessage } from './stored-message.js';
import { writtenRecord } from './written.js';

/** The fields of ADR-31 (direct get) that are used here. */
export interface DirectRequest {
  seq?: number;
  last_by_subj?: string;
  next_by_subj?: string;
  multi_last?: string[];
  /** ISO 8601. */
  start_time?: string;
  batch?: number;
}

/**
 * `gone`: there is no such stream. `too-many`: over 1,024 subjects. `denied`: this server's user may not read there. `away`: NATS
 * did not answer, or the reader is closed.
 */
export class NotRead extends Error {
  override readonly name = 'NotRead';
  constructor(
    readonly kind: 'gone' | 'too-many' | 'denied' | 'away',
    options?: ErrorOptions,
  ) {
    super(`A read failed: ${kind}`, options);
  }
}

/** The newest message of a subject, and the sequence that the next write has to expect. */
export interface StandingRecord {
  /** Undefined: there is none, or the message there was not written as a record. */
  record?: StoredMessage;
  /** The sequence of whatever stands there; 0: nothing. */
  seq: number;
}

interface Reading {
  subject: string;
  request: string;
  /** NATS was away when it was asked for. */
  isHeld: boolean;
  take: (message: StoredMessage) => void;
  isBatch: boolean;
  /** Where its answer began to come: what comes elsewhere is the answer to a repeat. */
  comesTo?: string;
  /** When it was asked last; on the clock of `performance.now()`, as `heardAt`. */
  askedAt: number;
  /** When it was asked first, or the last message of its batch came. */
  heardAt: number;
  resolve: (pending: number) => void;
  reject: (error: Error) => void;
}

/**
 * Bytes of one answer: NATS ends a batch there, and the rest is asked for. Left alone NATS ends it at its `max_pending`, 64 MB; a process
 * that reads slowly loses its connection before that.
 */
const answerBytes = 8 * 1024 * 1024;

/** Silence after which NATS is taken for away. */
const silenceMs = 2_000;

/** Messages that are asked for at once. */
const pageSize = 1_000;

const kindOfStatus: Record<number, NotRead['kind']> = { 413: 'too-many', 503: 'gone' };

/** Reads streams by direct get (ADR-31), which any replica answers without a consumer, on one inbox for the process. */
export class DirectReader {
  private readonly prefix: string;
  private readonly readings = new TokenTable<Reading>();
  private readonly subscription: Subscription;
  private readonly patience = new Patience(silenceMs, (now) => this.lookRound(now));
  private readonly endings: (() => void)[];

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {
    this.prefix = `${privateInbox(nats)}.`;
    this.subscription = nats.subscribe(`${this.prefix}*`, {
      // Refused by NATS, it has an error in place of a message, which the log has too.
      callback: (error, message) => (error ? undefined : this.receiveAnswer(message)),
    });
    this.endings = [
      health.onDenied((subject) => this.failDenied(subject)),
      health.onChange((connected) => {
        if (connected) this.sendHeld();
        else this.failAll();
      }),
    ];
  }

  /** The messages that fit, in the stream's order, as many as asked for; none fits: `[]`. @throws NotRead */
  async readMessages(stream: string, request: DirectRequest): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    let asked = request;
    for (;;) {
      const before = messages.length;
      const pending = await this.readEach(stream, asked, (message) => messages.push(message));
      const last = messages.at(-1);
      const rest = (request.batch ?? 0) - messages.length;
      if (pending === 0 || rest <= 0 || !last || messages.length === before) return messages;
      asked = { ...request, start_time: undefined, seq: last.seq + 1, batch: rest };
    }
  }

  /** Hands over all messages of a subject that are stored now, oldest first, a page at a time. @throws NotRead, and what `take` throws */
  async readAll(stream: string, subject: string, take: (message: StoredMessage) => void): Promise<void> {
    let last = 0;
    for (let pending = 1; pending > 0;) {
      const request = { next_by_subj: subject, seq: last + 1, batch: pageSize };
      pending = await this.readEach(stream, request, (message) => {
        last = message.seq;
        take(message);
      });
    }
  }

  /**
   * Hands over each message that fits, in the stream's order, as it comes. A batch may end earlier than asked for.
   *
   * @returns how many more messages fit behind the last one of a batch. Those before a failure were handed over.
   * @throws NotRead, and what `take` throws
   */
  readEach(stream: string, request: DirectRequest, take: (message: StoredMessage) => void): Promise<number> {
    if (this.subscription.isClosed()) return Promise.reject(new NotRead('away'));
    return new Promise((resolve, reject) => {
      const token = this.readings.nextToken();
      const isBatch = request.batch !== undefined;
      const now = performance.now();
      const reading = {
        subject: `$JS.API.DIRECT.GET.${stream}`,
        request: JSON.stringify(isBatch ? { ...request, max_bytes: answerBytes } : request),
        isHeld: !this.health.connected,
        askedAt: now,
        heardAt: now,
        take,
        isBatch,
        resolve,
        reject,
      };
      this.readings.addEntry(token, reading);
      this.patience.watch();
      if (!reading.isHeld) this.sendRequest(token.toString(36), reading);
    });
  }

  /** The last message of a subject. @throws NotRead */
  async readLast(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return (await this.readMessages(stream, { last_by_subj: subject }))[0];
  }

  /** The record of a subject that is only written by compare-and-set, and what the next write has to expect. @throws NotRead */
  async readRecord(stream: string, subject: string): Promise<StandingRecord> {
    const message = await this.readLast(stream, subject);
    return { record: message && writtenRecord(message), seq: message?.seq ?? 0 };
  }

  close(): void {
    for (const end of this.endings) end();
    this.patience.rest();
    this.failAll();
    this.subscription.unsubscribe();
  }

  /** @param token in base 36, and a mark behind it for a repeat */
  private sendRequest(token: string, { subject, request }: Reading): void {
    this.nats.publish(subject, request, { reply: this.prefix + token });
  }

  /** The library throws away what is published while NATS is away. */
  private sendHeld(): void {
    for (const [token, reading] of this.readings.entries()) {
      if (!reading.isHeld) continue;
      reading.isHeld = false;
      reading.heardAt = reading.askedAt = performance.now();
      this.sendRequest(token.toString(36), reading);
    }
  }

  private receiveAnswer(message: Msg): void {
    const token = parseInt(message.subject.slice(this.prefix.length), 36);
    const reading = this.readings.get(token);
    if (!reading) return;
    reading.comesTo ??= message.subject;
    if (reading.comesTo !== message.subject) return;
    const head = headerText(message) ?? '';
    const status = Number(head.slice(9, 12));
    if (status === 404) return this.finishReading(token, reading);
    if (status === 204)
      return this.finishReading(token, reading, Number(headerField(head, 'Nats-Num-Pending')));
    if (status > 0) return this.failReading(token, kindOfStatus[status] ?? 'away');
    try {
      reading.take(new StoredMessage(head, message.data));
    } catch (error) {
      this.readings.delete(token);
      return reading.reject(error as Error);
    }
    if (reading.isBatch) reading.heardAt = performance.now();
    else this.finishReading(token, reading);
  }

  private finishReading(token: number, { resolve }: Reading, pending = 0): void {
    this.readings.delete(token);
    resolve(pending);
  }

  private failReading(token: number, kind: NotRead['kind']): void {
    const reading = this.readings.get(token);
    if (!reading) return;
    this.readings.delete(token);
    if (kind === 'gone' || kind === 'away') this.health.storage.doubt();
    reading.reject(new NotRead(kind));
  }

  private lookRound(now: number): void {
    if (this.readings.size === 0) return this.patience.rest();
    for (const [token, reading] of this.readings.entries()) {
      const { heardAt, askedAt, isHeld, comesTo } = reading;
      if (this.patience.isOver(heardAt, now)) this.failReading(token, 'away');
      else if (!isHeld && comesTo === undefined && this.patience.spendRepeat(askedAt, now)) {
        reading.askedAt = now;
        this.sendRequest(`${token.toString(36)}-${Math.round(now)}`, reading);
      }
    }
  }

  private failDenied(denied: string): void {
    for (const [token, { subject }] of this.readings.entries())
      if (subject === denied) this.failReading(token, 'denied');
  }

  private failAll(): void {
    for (const [token] of this.readings.entries()) this.failReading(token, 'away');
  }
}
