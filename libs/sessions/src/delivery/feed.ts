import type { Msg, Subscription } from '@nats-io/nats-core';
import type { NotRecovered } from '@ccgame/protocol';
import { republishedMessage, type StoredMessage } from '@ccgame/jetstream';
import { noteRetry } from '@ccgame/nats';
import { endSpan, RpcError } from '@ccgame/rpc';
import { isPush, logSubject, topicHeader, volatileHeader } from '../push/subjects.js';
import { FollowedTopics } from './followed-topics.js';
import { type HeldPush, heldPush, startDelivery } from './held-push.js';
import type { LogConnection } from './log-connection.js';
import type { TopicFanOut } from './topic-fan-out.js';

/** How a socket's pushes begin. */
export interface FeedStart {
  position: number;
  /** Everything after the position asked for follows, and the session is the one that was. */
  recovered: boolean;
  notRecovered?: NotRecovered;
  /** How many pushes follow at once. */
  missed: number;
}

/** Where a player's pushes go: one socket. */
export interface FeedSink {
  /** Before the first push, and again when pushes may be missing from here on. */
  beginFeed(start: FeedStart): void;
  /** `body` is the JSON of `{ route, data }`; a volatile push has no position. */
  pushMessage(body: Uint8Array, position?: number): void;
  /** A volatile push of a topic, as JSON of `{ route, data }`: other sockets are given the same text. */
  pushOfTopic(json: string): void;
  /** The player has everything up to here. */
  noteDelivered(position: number): void;
  /** Undefined: the client keeps up. Else it resolves when the client has read enough of what was sent, which may never be. */
  untilRead(): Promise<void> | undefined;
  /** The client reads the missed pushes so slowly that too much came meanwhile. */
  closeSlowConsumer(): void;
}

const retryMs = { first: 250, most: 2_000 };
/** Sooner than a handshake is over, so that the player is told. */
const openWithinMs = 3_000;
/** The most new pushes that are held while the missed ones are on their way. */
const maxBuffered = { bytes: 1024 * 1024, messages: 10_000 };
const mostFirsts = 16;
/** The time since a first try may be that of two servers' clocks. */
const coveredShare = 0.8;

/** One socket's pushes: the missed ones, then the new ones, each once and in order. */
export class Feed {
  private state: 'closed' | 'buffering' | 'live' = 'closed';
  /** The client has everything up to here. */
  private deliveredUpTo = 0;
  private buffer: HeldPush[] = [];
  private bufferedBytes = 0;
  private subscription?: Subscription;
  /** Each catch-up has its own: what an overtaken one read is thrown away. */
  private generation = 0;
  /** The generation of the last catch-up that read all it asked for. */
  private lastFullRead = 0;
  private hasBegun = false;
  /** When the player fetched the state anew, by `performance.now()`. */
  private gapAt = -Infinity;
  private readonly logPrefix: string;
  private topics?: FollowedTopics;
  /** The first pushes of topics that were followed while the missed pushes are on their way. */
  private firstOfTopics: Uint8Array[] = [];

  constructor(
    private readonly log: LogConnection,
    private readonly fanOut: TopicFanOut,
    readonly playerId: string,
    private readonly sink: FeedSink,
    private readonly onClosed: () => void,
  ) {
    this.logPrefix = logSubject(playerId, '');
  }

  /**
   * Listens, reads what was missed, and begins. While NATS is away it waits.
   *
   * @param fetchesState the player does so whatever was missed, as the session is lost: what was tried before is in it
   * @throws RpcError BUSY when NATS stays away, GONE when it was closed meanwhile
   */
  async open(resume?: number, fetchesState = false): Promise<FeedStart> {
    const { generation } = this;
    await this.log.untilUp(openWithinMs);
    if (generation !== this.generation) throw new RpcError('GONE');
    if (fetchesState) this.gapAt = performance.now();
    this.state = 'buffering';
    this.subscription = this.log.addListener(this.playerId, (message) => this.receivePush(message));
    const result =
      resume !== undefined && (await this.readOnceUp(() => this.log.replay(this.playerId, resume)));
    if (!result || 'notRecovered' in result) {
      const position = await this.readOnceUp(() => this.log.latestPosition());
      const notRecovered = result && 'notRecovered' in result ? result.notRecovered : undefined;
      const start = { position, recovered: false, ...(notRecovered && { notRecovered }), missed: 0 };
      return this.goLive(start, []);
    }
    return this.goLive(
      { position: resume, recovered: true, missed: result.messages.length },
      result.messages,
    );
  }

  close(): void {
    this.generation += 1;
    this.state = 'closed';
    this.dropHeld();
    this.subscription?.unsubscribe();
    this.topics?.endAll();
    this.onClosed();
  }

  /** NATS is away: what comes next may come after a gap. */
  pause(): void {
    if (this.state === 'closed') return;
    this.generation += 1;
    this.state = 'buffering';
    this.dropHeld();
  }

  /** NATS is back: reads what came meanwhile. */
  async catchUp(): Promise<void> {
    if (this.state !== 'buffering' || !this.hasBegun) return;
    const { deliveredUpTo } = this;
    const result = await this.readMissed(() => this.log.replay(this.playerId, deliveredUpTo));
    if (!result) return;
    if (!('notRecovered' in result)) return void this.flushHeld(result.messages);
    const position = await this.readMissed(() => this.log.latestPosition());
    if (position === undefined) return;
    this.deliveredUpTo = position;
    this.tellGap(position, result.notRecovered);
    void this.flushHeld([]);
  }

  /** Every push up to this place has been seen on the connection, so an idle player has seen all of them. */
  deliverUpTo(position: number): void {
    if (this.state === 'live' && position > this.deliveredUpTo) this.deliveredUpTo = position;
  }

  /** Tells the client, so that its position stays younger than the log. */
  tellReached(): void {
    if (this.state === 'live') this.sink.noteDelivered(this.deliveredUpTo);
  }

  /** @throws RpcError BUSY when NATS stays away, GONE when it was closed meanwhile */
  private async readOnceUp<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      const result = await this.readMissed(ask);
      if (result !== undefined) return result;
      if (this.state === 'closed') throw new RpcError('GONE');
      await this.log.untilUp();
    }
  }

  /** Undefined when it was overtaken: closed, or paused again. */
  private async readMissed<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const generation = ++this.generation;
    for (let pauseMs = retryMs.first; ; pauseMs = Math.min(2 * pauseMs, retryMs.most)) {
      const result = await ask().catch((error: unknown) => {
        if (generation === this.generation) noteRetry('missed-pushes', error);
      });
      if (generation !== this.generation) return undefined;
      if (result !== undefined) {
        this.lastFullRead = generation;
        return result;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (generation !== this.generation) return undefined;
    }
  }

  private goLive(start: FeedStart, missed: StoredMessage[]): FeedStart {
    this.deliveredUpTo = start.position;
    this.hasBegun = true;
    if (!start.recovered) this.gapAt = performance.now();
    if (this.state === 'closed') return start;
    this.sink.beginFeed(start);
    void this.flushHeld(missed);
    return start;
  }

  /**
   * Sends what was missed no faster than the player reads it: the log may hold more than a connector should keep for one. Anything that is
   * new meanwhile comes after it.
   */
  private async flushHeld(missed: StoredMessage[]): Promise<void> {
    const generation = this.lastFullRead;
    const held = missed.map(heldPush);
    for (const messages of [held, this.buffer]) {
      for (const push of messages) {
        const read = this.sink.untilRead();
        if (read) await read;
        if (generation !== this.generation) return;
        this.sendPush(push);
      }
    }
    if (generation !== this.generation) return;
    const { firstOfTopics } = this;
    this.dropHeld();
    this.state = 'live';
    for (const body of firstOfTopics) this.sink.pushMessage(body);
  }

  private dropHeld(): void {
    this.buffer = [];
    this.firstOfTopics = [];
    this.bufferedBytes = 0;
  }

  private receivePush(message: Msg): void {
    const push = republishedMessage(message);
    const { seq, subject, data } = push;
    // Anything else is JetStream's answer to a user who wanted it sent here: decision 051.
    if (subject === '' && push.hasHeader(volatileHeader)) {
      if (push.hasHeader(topicHeader)) this.receiveFirstOfTopic(push.fieldOf(topicHeader), data);
      else if (this.state === 'live') this.deliver(heldPush(push));
    } else if (subject.startsWith(this.logPrefix) && isPush(push)) {
      this.log.notePosition(seq);
      if (this.state === 'buffering') this.holdPush(heldPush(push));
      else if (this.state === 'live') this.sendPush(heldPush(push));
    }
  }

  private receiveFirstOfTopic(change: string, data: Uint8Array): void {
    if (this.state === 'closed') return;
    this.topics ??= new FollowedTopics(this.fanOut, (json) => {
      if (this.state === 'live') this.sink.pushOfTopic(json);
    });
    this.topics.changeTopic(change);
    if (this.state === 'live') this.sink.pushMessage(data);
    else if (this.firstOfTopics.length < mostFirsts) this.firstOfTopics.push(data);
  }

  private holdPush(message: HeldPush): void {
    this.buffer.push(message);
    this.bufferedBytes += message.data.length;
    const { bytes, messages } = maxBuffered;
    if (this.bufferedBytes > bytes || this.buffer.length > messages) this.sink.closeSlowConsumer();
  }

  private sendPush(push: HeldPush): void {
    if (push.seq <= this.deliveredUpTo) return;
    this.deliveredUpTo = push.seq;
    if (push.doubtMs === undefined) this.deliver(push);
    // A state that was fetched after the first try has it.
    else if (performance.now() - this.gapAt > push.doubtMs * coveredShare) this.tellGap(push.seq, 'expired');
  }

  private tellGap(position: number, notRecovered: NotRecovered): void {
    this.gapAt = performance.now();
    this.sink.beginFeed({ position, recovered: false, notRecovered, missed: 0 });
  }

  private deliver(push: HeldPush): void {
    const span = startDelivery(push, this.playerId);
    this.sink.pushMessage(push.data, push.seq || undefined);
    if (span) endSpan(span);
  }
}
