import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { FenceRecord, MatchRecord } from '../contracts/matches.js';
import { Drain } from '@ccgame/server';
import { MatchSteps } from '../matches/match-steps.js';
import { metrics } from '../metrics.js';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { Turns } from '../turns.js';
import { MatchFeed } from '../view/match-feed.js';
import { isSettled, type ViewListener } from '../view/match-view.js';
import { type Partition, Pools } from '../view/pools.js';
import { PartitionOwner } from './partition-owner.js';
import { Peers } from './peers.js';

/** Windows widen with time alone, so each partition is looked at this often. */
const tickMs = 200;

/** Owns the partitions that are this server's, takes over those of servers that went, and gives up those that are others'. */
@Injectable()
export class Owners implements ViewListener, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly owners = new Map<string, PartitionOwner>();
  private timer?: NodeJS.Timeout;
  private isStopping = false;

  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly pools: Pools,
    private readonly turns: Turns,
    private readonly peers: Peers,
    private readonly steps: MatchSteps,
    drain: Drain,
  ) {
    feed.listen(this);
    pools.onArrival((partition) => this.attend(partition));
    peers.onChange(() => this.tick());
    drain.add('partitions', () => this.leave());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.peers.start();
    this.timer = setInterval(() => this.tick(), tickMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Names of the partitions that this server owns. */
  owned(): string[] {
    return [...this.owners.values()].flatMap(({ state, partition }) =>
      state === 'owner' ? [partition.name] : [],
    );
  }

  ticketChanged(): void {}

  matchChanged(match: Stored<MatchRecord>): void {
    if (isSettled(match.record)) this.steps.forget(match.record.matchId);
    else if (!this.isStopping && this.feed.isCaughtUp && this.isOwn(match)) this.steps.advance(match);
  }

  fenceChanged({ record, seq }: Stored<FenceRecord>): void {
    if (record.serverId === Config.SERVER_ID && record.incarnation === this.peers.incarnation) return;
    this.owners.get(record.partition)?.lose(seq);
  }

  backfillChanged(): void {}

  reset(): void {
    for (const owner of this.owners.values()) void owner.release();
    this.owners.clear();
  }

  /**
   * Lets the others have the partitions at once: they need nothing from here, and their fences refuse what is still on its way.
   * Then ends that.
   */
  private async leave(): Promise<void> {
    this.isStopping = true;
    const released = [...this.owners.values()].map((owner) => owner.release());
    await this.peers.leave();
    await Promise.all(released);
    await this.steps.idle();
  }

  private tick(): void {
    if (this.isStopping || !this.feed.isCaughtUp || !this.store.health.connected) return;
    this.pools.tidy(this.store.clock.now());
    for (const partition of this.pools.partitions.values()) this.attend(partition);
    for (const [name, owner] of this.owners) {
      if (this.pools.partitions.get(name) === owner.partition) continue;
      // A mode that changed has a pool of its own by now.
      void owner.release();
      this.owners.delete(name);
    }
    for (const match of this.feed.view.matches.values()) if (this.isOwn(match)) this.steps.advance(match);
    metrics.partitions.set(this.owned().length);
  }

  private attend(partition: Partition): void {
    if (this.isStopping || !this.feed.isCaughtUp) return;
    const owner = this.owners.get(partition.name);
    if (!this.peers.owns(partition.name)) return void owner?.release();
    if (owner?.partition === partition) return this.urge(owner);
    void owner?.release();
    const { store, pools, turns, peers, feed, steps } = this;
    const context = {
      store,
      pools,
      turns,
      view: feed.view,
      serverId: Config.SERVER_ID,
      incarnation: peers.incarnation,
      version: Config.VERSION,
      allocateWithinMs: steps.allocateWithinMs,
      onWritten: (match: Stored<MatchRecord>) => steps.advance(match),
    };
    const fresh = new PartitionOwner(partition, context);
    this.owners.set(partition.name, fresh);
    this.urge(fresh);
  }

  private urge(owner: PartitionOwner): void {
    if (this.pools.isRebuilding) return;
    if (owner.state === 'owner') {
      if (owner.partition.bucket.nextLookAt() <= this.store.clock.now()) owner.run();
    } else if (performance.now() >= owner.retryAt && owner.hasWork) void owner.take();
  }

  /** Whether this server takes the match on. */
  private isOwn({ record: { partition = '', version } }: Stored<MatchRecord>): boolean {
    return this.pools.serves(version) && this.peers.owns(partition);
  }
}
