import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { RPC_OPTIONS, type ResolvedRpcOptions } from '@ccgame/rpc';
import { Feed, type FeedSink } from './feed.js';
import { LogConnection } from './log-connection.js';
import type { Replay } from './replay.js';
import { TopicFanOut } from './topic-fan-out.js';

/** Clients are told at every second mark: well within the 60 s that the log keeps. */
const tellEvery = 2;
const tellAtOnce = 500;
/** Replays at once after a reconnect; more would only wait in NATS. */
const catchUpAtOnce = 64;

/** Brings the pushes of the players on this connector. */
@Injectable()
export class Delivery implements OnApplicationShutdown {
  private readonly log = new Logger('delivery');
  private readonly feeds = new Set<Feed>();
  private readonly connection: LogConnection;
  private readonly topics: TopicFanOut;

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    health: NatsHealth,
    @Inject(RPC_OPTIONS) { identity }: ResolvedRpcOptions,
  ) {
    this.topics = new TopicFanOut(nats);
    this.connection = new LogConnection(nats, health, identity.serverId, {
      up: () => void this.catchUpAll(),
      down: () => this.feeds.forEach((feed) => feed.pause()),
      mark: (count) => this.markDelivered(count),
    });
  }

  /** Resolves when pushes flow. @throws RpcError BUSY */
  async start(): Promise<void> {
    void this.connection.goUp();
    await this.connection.untilUp();
  }

  get isReady(): boolean {
    return this.connection.isUp && this.connection.isSound;
  }

  /** The way of a player's pushes to the socket; the caller closes it. */
  openFeed(playerId: string, sink: FeedSink): Feed {
    const feed = new Feed(this.connection, this.topics, playerId, sink, () => this.feeds.delete(feed));
    this.feeds.add(feed);
    return feed;
  }

  /** Reads the pushes that a player missed after a position. @throws NotRead */
  replay(playerId: string, from: number): Promise<Replay> {
    return this.connection.replay(playerId, from);
  }

  onApplicationShutdown(): void {
    for (const feed of [...this.feeds]) feed.close();
    this.connection.close();
  }

  /** NATS is back: every player reads what came meanwhile. */
  private async catchUpAll(): Promise<void> {
    const startedAt = performance.now();
    const feeds = [...this.feeds];
    const count = feeds.length;
    const next = async () => {
      for (let feed = feeds.pop(); feed && this.connection.isUp; feed = feeds.pop()) await feed.catchUp();
    };
    await Promise.all(Array.from({ length: catchUpAtOnce }, next));
    if (count > 0 && this.connection.isUp) {
      const ms = Math.round(performance.now() - startedAt);
      this.log.log({ event: 'push-log.caught-up', sessions: count, ms });
    }
  }

  private markDelivered(count: number): void {
    for (const feed of this.feeds) feed.deliverUpTo(this.connection.seen);
    if (count % tellEvery === 0) this.tellListeners([...this.feeds]);
  }

  /** In slices, so that thousands of small messages don't hold up the others. */
  private tellListeners(feeds: Feed[]): void {
    for (const feed of feeds.splice(0, tellAtOnce)) feed.tellReached();
    if (feeds.length > 0) setImmediate(() => this.tellListeners(feeds));
  }
}
