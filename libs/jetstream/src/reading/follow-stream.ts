import { Logger } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsHealth, noteRetry } from '@ccgame/nats';
import { showValue } from '@ccgame/config';
import { DirectReader } from './direct-reader.js';
import type { StoredMessage } from './stored-message.js';
import { type OwnMessages, StreamCursor } from './stream-cursor.js';
import { StreamHints } from './stream-hints.js';
import { isConflict } from '../writing/refusals.js';
import { untilRound } from '../rounds.js';

/** The messages of a stream that are followed, and who hears them. */
export interface FollowOptions {
  /** It must allow direct reads. */
  stream: string;
  /** Only messages of this subject. */
  subject?: string;
  /** Begin with the newest message of the subject; of more than 1,024 subjects, with all messages. */
  newest?: boolean;
  /** Messages from this moment on, ISO 8601; all when left out. */
  from?: string;
  /**
   * All who write there do it by compare-and-set, so any other message was not written but sent there by a user who may not
   * write (decision 061), and is left out.
   */
  expecting?: boolean;
  /**
   * Messages of the stream may go by a time to live, which nothing tells of. A follower that has read nothing for this long begins anew,
   * as after {@link onReset}, ms.
   */
  staleAfterMs?: number;
  /** Called in the order of the stream, once a message. One that makes it throw is told in the log and passed over. */
  onMessage: (message: StoredMessage) => void;
  /**
   * Called when all is read again, as what was read before may be gone: the stream was made anew, as NATS lost its files, its end is gone,
   * or see `staleAfterMs`.
   */
  onReset?: () => void;
  /**
   * Called when all that is stored has been read: at the start, and again after each break of the connection and each {@link onReset}. The
   * messages on the way there may be long replaced. It must not throw.
   */
  onCurrent?: () => void;
}

/**
 * How often it reads on when nothing is heard, ms: a hint may be lost. One NATS server loses none while the connection lasts; in a cluster they
 * go by routes of their own, which break.
 */
const readMs = { single: 8_000, other: 2_000 };
/** How often the stream is looked up: it may have been made anew. NATS says so when it was deleted, where this server may hear that, ms. */
const lookUpMs = { told: 32_000, untold: 2_000 };
const retryMs = 250;
/** A NATS that is just starting does not answer at all: better to ask again soon. */
const apiTimeoutMs = 1_000;
const mostAtOnce = 64;

/**
 * Reads a stream from a point on, for as long as the process lives, across reconnects and restarts of NATS.
 *
 * It needs no consumer, which a player's connector must not make (decision 025): it reads by direct get, woken by what is
 * published to the stream.
 */
export class StreamFollower {
  /** True from the moment when all messages that were there at the start have been read. */
  isCaughtUp = false;
  /** Resolves at that moment. */
  readonly caughtUp: Promise<void>;
  private tellCaughtUp!: () => void;
  private readonly log = new Logger('Streams');
  private readonly reader: DirectReader;
  private readonly cursor: StreamCursor;
  private readonly hints: StreamHints;
  private readonly endings: (() => void)[];
  private readonly running: Promise<void>;
  private created?: string;
  private lookAt = 0;
  /** How much there is to read, nobody knows. */
  private isBehind = true;
  /** How often it had to start over: what was heard of meanwhile may not be in what it reads just then. */
  private starts = 0;
  /** When it read on last, by `performance.now()`. */
  private readAt = performance.now();
  private isClosed = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly options: FollowOptions,
  ) {
    this.caughtUp = new Promise((resolve) => (this.tellCaughtUp = resolve));
    this.reader = new DirectReader(nats, health);
    this.hints = new StreamHints(nats);
    this.cursor = new StreamCursor(this.reader, {
      ...options,
      onMessage: (message) => this.deliverMessage(message),
      onRead: (subject) => this.hints.noteRead(subject),
    });
    const startOver = (): void => {
      this.startOver();
      this.hints.wake();
    };
    this.endings = [health.onChange(startOver), health.deletions.onDeleted(options.stream, startOver)];
    this.running = this.followForever();
  }

  /** False from each break of the connection or failed read on, until what was stored meanwhile is read. */
  get isCurrent(): boolean {
    return !this.isBehind;
  }

  /**
   * Writes messages to the stream by compare-and-set, next to each other. Where nothing else was stored meanwhile, they are delivered without
   * being read: for a process that writes most of a stream that is the larger part of its work with it.
   *
   * @param write resolves with the sequence of the first
   * @throws what `write` throws
   */
  async deliverOwn(messages: OwnMessages['messages'], write: () => Promise<number>): Promise<number> {
    const subjects = messages.map(({ subject }) => subject);
    const endLeavingOut = this.hints.leaveOut(subjects);
    const { starts } = this;
    try {
      const first = await write();
      const isInOrder = !this.isBehind && this.starts === starts;
      endLeavingOut(isInOrder && this.cursor.deliverOwn({ first, messages }) ? [] : subjects);
      return first;
    } catch (error) {
      // Without an answer it may be stored.
      endLeavingOut(isConflict(error) ? [] : subjects);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const end of this.endings) end();
    this.reader.close();
    this.hints.close();
    this.hints.wake();
    await this.running;
  }

  private async followForever(): Promise<void> {
    while (!this.isClosed) {
      await this.health.waitUntilConnected(retryMs);
      const restMs = await this.readOn().catch((error: unknown) => {
        // NATS is away or starting, or the stream is gone.
        if (!this.isClosed) noteRetry('follow-stream', error, { stream: this.options.stream });
        this.startOver();
        return retryMs;
      });
      if (!this.isClosed) await this.hints.rest(restMs);
    }
  }

  /** The hints that were heard can't tell whether anything happened meanwhile. */
  private startOver(): void {
    this.lookAt = 0;
    this.isBehind = true;
    this.starts += 1;
  }

  /** Reads to the end. @returns how long to rest, unless something is heard, ms */
  private async readOn(): Promise<number> {
    if (performance.now() >= this.lookAt) await this.lookAtStream();
    if (this.isBehind) {
      const { starts } = this;
      await this.cursor.readAll();
      this.readAt = performance.now();
      this.isBehind = this.starts !== starts;
      this.isCaughtUp = true;
      this.tellCaughtUp();
      if (!this.isBehind) this.options.onCurrent?.();
    }
    const wasHeard = this.hints.countExpected() > 0;
    let hasMore = true;
    while (hasMore && (this.hints.countExpected() > 0 || !wasHeard)) {
      hasMore = await this.cursor.readFew(clamp(this.hints.countExpected(), 1, mostAtOnce));
      if (this.isStale()) {
        // This process was frozen in the midst of it: the next look at the stream begins anew.
        this.startOver();
        return 0;
      }
      this.readAt = performance.now();
    }
    const isSure = this.hints.areHeard && !this.health.isClustered;
    return this.hints.restMs(untilRound(isSure ? readMs.single : readMs.other));
  }

  /** A stream that was made anew, after NATS lost its files, begins at 1 again; so does the reading where it was broken off for too long. */
  private async lookAtStream(): Promise<void> {
    const { position } = this.cursor;
    // A deletion that is heard from here on has it looked up again.
    this.lookAt =
      performance.now() + (this.health.deletions.areHeard ? untilRound(lookUpMs.told) - 1 : lookUpMs.untold);
    const manager = await jetstreamManager(this.nats, { timeout: apiTimeoutMs, checkAPI: false });
    const { created, config, state } = await manager.streams.info(this.options.stream);
    if (this.isClosed) return;
    const isAnew = this.created !== undefined && this.created !== created;
    // A machine that failed took along what NATS had not written to its disk yet. In a cluster the others have it.
    const isCut = !this.health.isClustered && state.last_seq < position;
    if (isAnew || isCut || (position > 0 && this.isStale())) {
      this.cursor.reset();
      this.isBehind = true;
      this.readAt = performance.now();
      this.options.onReset?.();
    }
    this.created = created;
    this.hints.listen(this.options.subject ? [this.options.subject] : config.subjects);
  }

  private isStale(): boolean {
    return performance.now() - this.readAt > (this.options.staleAfterMs ?? Infinity);
  }

  private deliverMessage(message: StoredMessage): void {
    try {
      this.options.onMessage(message);
    } catch (error) {
      // Read again and again, it would keep everybody from all that stands behind it.
      const { stream } = this.options;
      const { seq, subject } = message;
      this.log.error({ event: 'stream.message.unreadable', stream, seq, subject, reason: showValue(error) });
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
