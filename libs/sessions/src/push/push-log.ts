import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MsgHdrs, NatsConnection } from '@nats-io/nats-core';
import { type NatsHealth } from '@ccgame/nats';
import { headersOf, oneHeader, RpcError } from '@ccgame/rpc';
import { type Acked, type AckedPublisher, isFull, isTooLarge, NotStored } from '@ccgame/jetstream';
import { forbidden } from '../or-busy.js';
import { logKnowsMs, openPushStream, pushStreamName, whenPushLogMade } from './push-stream.js';
import { SharedQuestion } from './shared-question.js';
import { doubtHeader, logSubject, storedHeader, traceHeader } from './subjects.js';

/** Retries must end well before the log forgets a message (60 s), or a late one would be stored twice. */
const retryForMs = 30_000;
const maxInFlight = 4_096;
const maxWaiting = 100_000;
const retryPauseMs = 50;
const reopenForMs = 1_000;

/** "maximum messages per subject exceeded": the first try was stored, only its ack was lost. */
const alreadyStored = /maximum messages per subject/;

/** A 1 is the flag of an older version. */
const leastDoubtMs = 2;

const ofStored = oneHeader(storedHeader, '1');

/** How a push is appended. */
export interface AppendOptions {
  /** Makes the push one of a kind for this player: while the log keeps it, another of that id isn't stored. */
  id?: string;
  /** How long ago it was tried first, ms. */
  triedAgoMs?: number;
  /** The `traceparent` of its span, where somebody records it. */
  traceparent?: string;
}

/** @param doubtMs how long ago it was tried first, where its player may have had it and the log doesn't know */
function headersWith(doubtMs: number | undefined, traceparent: string | undefined): MsgHdrs {
  if (doubtMs === undefined && traceparent === undefined) return ofStored;
  return headersOf({
    [storedHeader]: '1',
    ...(doubtMs !== undefined && { [doubtHeader]: String(Math.max(leastDoubtMs, Math.floor(doubtMs))) }),
    ...(traceparent !== undefined && { [traceHeader]: traceparent }),
  });
}

/** One push to one player. Its functions are called for every push of a server: they make no promise but the caller's. */
class Entry implements Acked {
  /** The player's push after this one. */
  next?: Entry;
  /** When the next retry is due, by `performance.now()`; none before the first. */
  deadline?: number;
  /** The log was made after the first try: it doesn't know whether that was stored in the one before. */
  isLogNewer = false;
  private readonly since = performance.now();
  private begunAt = this.since;

  constructor(
    private readonly log: PushLog,
    readonly playerId: string,
    readonly subject: string,
    readonly body: string,
    /** By `performance.now()`: since then it may be stored, as nobody knows what came of that try. */
    public triedAt: number | undefined,
    private readonly traceparent: string | undefined,
    readonly resolve: () => void,
    readonly reject: (error: unknown) => void,
  ) {}

  /** By its subject ({@link alreadyStored}), but for a log that was made since: it is asked how old it is first. */
  get isStoredOnce(): boolean {
    return !this.log.wasDeletedSince(this.begunAt);
  }

  get headers(): MsgHdrs {
    return headersWith(this.triedAt === undefined ? undefined : this.doubtMs(this.triedAt), this.traceparent);
  }

  /** False: it has waited for its turn for as long as it may be tried: others were in its way, and NATS away. */
  beginTry(): boolean {
    this.begunAt = performance.now();
    return this.begunAt <= this.since + retryForMs;
  }

  stored(): void {
    this.resolve();
    this.log.entryDone(this);
  }

  notStored(error: NotStored): void {
    if (error.kind === 'unknown') this.triedAt ??= this.begunAt;
    if (error.kind === 'refused' && alreadyStored.test(error.message)) return this.stored();
    if (error.kind === 'denied') return this.fail(forbidden(error));
    if (isTooLarge(error))
      return this.fail(new RpcError('TOO_LARGE', { message: error.message, cause: error }));
    if (isFull(error)) {
      this.fail(new RpcError('BUSY', { message: `The push log is full: ${error.message}`, cause: error }));
    } else void this.log.retryEntry(this, error);
  }

  fail(error: unknown): void {
    this.reject(error);
    this.log.entryDone(this);
  }

  private doubtMs(triedAt: number): number | undefined {
    const agoMs = performance.now() - triedAt;
    return this.isLogNewer || agoMs > logKnowsMs ? agoMs : undefined;
  }
}

/** Appends to players' logs: acknowledged, once, and in the order of the calls for each player. */
export class PushLog {
  private readonly idPrefix = randomBytes(6).toString('hex');
  /** By player, the last of those that are under way or wait. */
  private readonly tails = new Map<string, Entry>();
  /** Those that are next of their player, and wait for others' acks. */
  private ready: Entry[] = [];
  private readyFrom = 0;
  private isBeginning = false;
  private inFlight = 0;
  private waiting = 0;
  private counter = 0;
  private opening?: Promise<unknown>;
  private reopening?: Promise<unknown>;
  private readonly madeAt = new SharedQuestion(() => whenPushLogMade(this.nats));
  /** When NATS said so, by `performance.now()`. */
  private deletedAt = -Infinity;
  private readonly endDeletions: () => void;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly publisher: AckedPublisher,
  ) {
    const noteDeleted = (): void => void (this.deletedAt = performance.now());
    this.endDeletions = health.deletions.onDeleted(pushStreamName, noteDeleted);
  }

  close(): void {
    this.endDeletions();
  }

  /** @internal */
  wasDeletedSince(at: number): boolean {
    return this.deletedAt > at;
  }

  /**
   * Resolves when the push is stored.
   *
   * @throws RpcError TOO_LARGE for what the log's stream doesn't take; BUSY when the log or this process's queue is full, or it was not tried within 30 s; TIMEOUT after 30 s of tries, and it
   *   may be stored then
   */
  append(playerId: string, body: string, { id, triedAgoMs, traceparent }: AppendOptions = {}): Promise<void> {
    if (this.waiting >= maxWaiting) {
      return Promise.reject(new RpcError('BUSY', { message: 'Too many pushes wait', retryAfterMs: 1_000 }));
    }
    const subject = logSubject(playerId, id ?? `${this.idPrefix}-${(this.counter++).toString(36)}`);
    const triedAt = triedAgoMs === undefined ? undefined : performance.now() - triedAgoMs;
    return new Promise((resolve, reject) => {
      const entry = new Entry(this, playerId, subject, body, triedAt, traceparent, resolve, reject);
      this.waiting += 1;
      // One push of a player at a time: with two in flight, the retry of the first would come after the second.
      const tail = this.tails.get(playerId);
      this.tails.set(playerId, entry);
      if (tail) tail.next = entry;
      else this.beginEntry(entry);
    });
  }

  /** @internal */
  entryDone({ playerId, next }: Entry): void {
    this.waiting -= 1;
    this.inFlight -= 1;
    if (next) this.ready.push(next);
    else this.tails.delete(playerId);
    this.beginReady();
  }

  /** @internal */
  async retryEntry(entry: Entry, error: NotStored): Promise<void> {
    entry.deadline ??= performance.now() + retryForMs;
    if (performance.now() > entry.deadline) return entry.fail(new RpcError('TIMEOUT', { cause: error }));
    if (error.kind === 'nobody') await this.reopen();
    await sleep(retryPauseMs);
    await this.health.waitUntilConnected(entry.deadline - performance.now());
    if (entry.triedAt !== undefined) return this.publishAgain(entry);
    entry.beginTry();
    this.publishEntry(entry);
  }

  /** The log refuses it where it is stored, unless that went with an older log. */
  private async publishAgain(entry: Entry): Promise<void> {
    const { triedAt = Infinity } = entry;
    const madeAt = await this.madeAt.askOnce().catch(() => undefined);
    if (madeAt === undefined)
      return this.retryEntry(entry, new NotStored('nobody', 'No answer from the push log'));
    if (madeAt > triedAt) entry.isLogNewer = true;
    this.publishEntry(entry);
  }

  private beginEntry(entry: Entry): void {
    if (this.inFlight >= maxInFlight) {
      this.ready.push(entry);
      return;
    }
    this.inFlight += 1;
    if (!entry.beginTry())
      return entry.fail(
        new RpcError('BUSY', { message: 'The push waited for its turn too long', retryAfterMs: 1_000 }),
      );
    if (this.health.connected && entry.triedAt === undefined) this.publishEntry(entry);
    else if (this.health.connected) void this.publishAgain(entry);
    else void this.retryEntry(entry, new NotStored('unknown', 'NATS is away'));
  }

  private beginReady(): void {
    // A write that fails at once would call this again from within.
    if (this.isBeginning) return;
    this.isBeginning = true;
    while (this.readyFrom < this.ready.length && this.inFlight < maxInFlight) {
      this.beginEntry(this.ready[this.readyFrom++]);
    }
    this.isBeginning = false;
    if (this.readyFrom < this.ready.length && this.readyFrom < maxInFlight) return;
    this.ready.splice(0, this.readyFrom);
    this.readyFrom = 0;
  }

  private publishEntry(entry: Entry): void {
    try {
      this.publisher.publishWithCallback(entry.subject, entry.body, entry, entry.headers);
    } catch (error) {
      // The connection is closed for good: this process stops.
      entry.fail(error);
    }
  }

  /**
   * The log is gone with NATS's state, or NATS is starting. Where another server has to make it that may take long, and each entry has a
   * deadline of its own.
   */
  private reopen(): Promise<unknown> {
    this.opening ??= openPushStream(this.nats)
      .catch(() => undefined)
      .finally(() => (this.opening = undefined));
    this.reopening ??= Promise.race([this.opening, sleep(reopenForMs)]).finally(
      () => (this.reopening = undefined),
    );
    return this.reopening;
  }
}
