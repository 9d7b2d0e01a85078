import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import {
  DirectReader,
  NATS_CONNECTION,
  NatsHealth,
  type ResolvedRpcOptions,
  RPC_OPTIONS,
  RpcError,
} from '#rpc';
import { AckedPublisher } from '../jetstream/acked-publisher.js';
import { PushRange } from '../push/push-range.js';
import { openPushStream } from '../push/push-stream.js';
import { deliverSubject, logSubject } from '../push/subjects.js';
import { Feed, type FeedSink } from './feed.js';
import { replay, type Replay } from './replay.js';

const markEveryMs = 5_000;
/** Clients are told at every third mark: well within the 60 s that the log keeps. */
const tellEvery = 3;
const tellAtOnce = 500;
const retryMs = 250;
const untilUpMs = 5_000;
/** Replays at once after a reconnect; more would only wait in NATS. */
const catchUpAtOnce = 64;

/** Brings the pushes of the players on this connector. */
@Injectable()
export class Delivery implements OnApplicationShutdown {
  /** The highest position seen on the connection: all up to it has been delivered here, as NATS keeps the order. */
  private seen = 0;
  private readonly log = new Logger('delivery');
  private readonly feeds = new Set<Feed>();
  private readonly publisher: AckedPublisher;
  private readonly reader: DirectReader;
  private readonly range: PushRange;
  private readonly markerId: string;
  private readonly marks: Subscription;
  private readonly unwatch: () => void;
  private readonly upListeners = new Set<() => void>();
  private timer?: NodeJS.Timeout;
  private turn = 0;
  private marked = 0;
  private isUp = false;

  constructor(
    @Inject(NATS_CONNECTION) readonly nats: NatsConnection,
    health: NatsHealth,
    @Inject(RPC_OPTIONS) { identity }: ResolvedRpcOptions,
  ) {
    this.publisher = new AckedPublisher(nats, health);
    this.reader = new DirectReader(nats, health);
    this.range = new PushRange(nats);
    // No player's id has a `$`.
    this.markerId = `$${identity.serverId}`;
    this.marks = nats.subscribe(deliverSubject(this.markerId), {
      callback: (_, message) => this.mark(message),
    });
    this.unwatch = health.onChange((connected) => (connected ? void this.rise() : this.fall()));
  }

  /** Resolves when pushes flow. */
  async start(): Promise<void> {
    void this.rise();
    await this.untilUp();
  }

  feed(playerId: string, sink: FeedSink): Feed {
    return new Feed(this, playerId, sink);
  }

  get isReady(): boolean {
    return this.isUp;
  }

  /** @internal */
  add(feed: Feed): void {
    this.feeds.add(feed);
  }

  /** @internal */
  remove(feed: Feed): void {
    this.feeds.delete(feed);
  }

  /** @internal */
  saw(position: number): void {
    if (position > this.seen) this.seen = position;
  }

  /** @internal */
  replay(playerId: string, from: number): Promise<Replay> {
    return replay(this.reader, this.range, playerId, from);
  }

  /** @internal Where a session starts that has no past: after everything that was stored before. @throws NotRead */
  async latest(): Promise<number> {
    return (await this.range.read()).last;
  }

  /** @internal @throws RpcError BUSY after 5 s */
  untilUp(): Promise<void> {
    if (this.isUp) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const up = () => {
        clearTimeout(timer);
        this.upListeners.delete(up);
        resolve();
      };
      const timer = setTimeout(() => {
        this.upListeners.delete(up);
        reject(new RpcError('BUSY', { message: 'The push log cannot be reached', retryAfterMs: 1_000 }));
      }, untilUpMs);
      this.upListeners.add(up);
    });
  }

  onApplicationShutdown(): void {
    this.turn += 1;
    this.unwatch();
    clearInterval(this.timer);
    for (const feed of [...this.feeds]) feed.close();
    this.marks.unsubscribe();
    this.publisher.close();
    this.reader.close();
  }

  private fall(): void {
    this.turn += 1;
    this.isUp = false;
    clearInterval(this.timer);
    for (const feed of this.feeds) feed.pause();
  }

  /** Finds the log, sees a first mark in it, then lets every player catch up. */
  private async rise(): Promise<void> {
    const turn = ++this.turn;
    const startedAt = performance.now();
    let seq: number | undefined;
    while (turn === this.turn && seq === undefined) {
      try {
        await openPushStream(this.nats);
        seq = (await this.publishMark()).seq;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    if (turn !== this.turn || seq === undefined) return;
    // The connection's place counts from here: what came before the mark is read by each player's catch-up.
    this.seen = seq - 1;
    this.isUp = true;
    this.timer = setInterval(() => void this.publishMark().catch(() => this.reopen()), markEveryMs);
    for (const listener of [...this.upListeners]) listener();
    await this.catchUpAll(turn, startedAt);
  }

  private async catchUpAll(turn: number, startedAt: number): Promise<void> {
    const feeds = [...this.feeds];
    const next = async () => {
      for (let feed = feeds.pop(); feed && turn === this.turn; feed = feeds.pop()) await feed.catchUp();
    };
    const count = feeds.length;
    await Promise.all(Array.from({ length: catchUpAtOnce }, next));
    if (count > 0 && turn === this.turn) {
      const ms = Math.round(performance.now() - startedAt);
      this.log.log({ event: 'push-log.caught-up', sessions: count, ms });
    }
  }

  /** The log was deleted under us, or NATS is starting. */
  private async reopen(): Promise<void> {
    await openPushStream(this.nats).catch(() => {});
  }

  private publishMark(): Promise<{ seq: number }> {
    const id = `${Date.now().toString(36)}-${(this.marked++).toString(36)}`;
    return this.publisher.publish(logSubject(this.markerId, id), '');
  }

  private mark(message: Msg): void {
    const { headers } = message;
    if (!headers || !this.isUp) return;
    this.saw(Number(headers.get('Nats-Sequence')));
    for (const feed of this.feeds) feed.reach(this.seen);
    if (this.marked % tellEvery === 0) this.tell([...this.feeds]);
  }

  /** In slices, so that thousands of small messages don't hold up the others. */
  private tell(feeds: Feed[]): void {
    for (const feed of feeds.splice(0, tellAtOnce)) feed.tellReached();
    if (feeds.length > 0) setImmediate(() => this.tell(feeds));
  }
}
