import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { within } from '@ccgame/rpc/basics';
import { Config } from '@ccgame/config';
import type { FenceRecord, MatchRecord } from '../contracts/matches.js';
import { Drain } from '@ccgame/server';
import { MatchSteps } from '../matches/match-steps.js';
import { metrics } from '../metrics.js';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { WorkScheduler } from '../work-scheduler.js';
import { MatchFeed } from '../view/match-feed.js';
import { isSettled, type ViewListener } from '../view/match-view.js';
import { type Partition, PartitionPools } from '../view/partition-pools.js';
import { MatchingMembership } from './matching-membership.js';
import { PartitionMatcher } from './partition-matcher.js';

/** Windows widen with time alone, so each partition is looked at this often. */
const tickMs = 200;

/** Owns the partitions that are this server's, takes over those of servers that went, and gives up those that are others'. */
@Injectable()
export class PartitionRegistry
  implements ViewListener, OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly matchers = new Map<string, PartitionMatcher>();
  private readonly log = new Logger('matching');
  private timer?: NodeJS.Timeout;
  private isStopping = false;

  constructor(
    private readonly store: TicketStore,
    private readonly feed: MatchFeed,
    private readonly pools: PartitionPools,
    private readonly scheduler: WorkScheduler,
    private readonly membership: MatchingMembership,
    private readonly steps: MatchSteps,
    private readonly drain: Drain,
  ) {}

  onModuleInit(): void {
    this.feed.addListener(this);
    this.pools.onArrival((partition) => this.attendTo(partition));
    this.membership.onChange(() => this.tick());
    this.drain.addStep('partitions', (deadline) => this.handOver(deadline));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.membership.join();
    this.timer = setInterval(() => this.tick(), tickMs);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Names of the partitions that this server owns. */
  owned(): string[] {
    return [...this.matchers.values()].flatMap(({ fenced }) =>
      fenced.state === 'owner' ? [fenced.name] : [],
    );
  }

  matchChanged(match: Stored<MatchRecord>): void {
    if (isSettled(match.record)) this.steps.forgetMatch(match.record.matchId);
    else if (!this.isStopping && this.feed.isCaughtUp && this.isOwn(match)) this.steps.advance(match);
  }

  fenceChanged({ record, seq }: Stored<FenceRecord>): void {
    if (record.serverId === Config.SERVER_ID && record.incarnation === this.membership.incarnation) return;
    this.matchers.get(record.partition)?.fenced.fencedAt(seq);
  }

  forgetAll(): void {
    for (const matcher of this.matchers.values()) void matcher.release();
    this.matchers.clear();
    this.steps.forgetAll();
  }

  /**
   * Lets the others have the partitions at once: they need nothing from here, and their fences refuse what is still on its way.
   * Then ends that, for half of the time: a game server may be asked for over minutes. The next owner asks for it as well.
   */
  private async handOver(deadline: number): Promise<void> {
    this.isStopping = true;
    const released = [...this.matchers.values()].map((matcher) => matcher.release());
    const ended = this.membership.leave().then(() => Promise.all([...released, this.steps.whenIdle()]));
    await within(
      (deadline - performance.now()) / 2,
      () => ended,
      () => this.log.warn({ event: 'matches.left-under-way' }),
    );
  }

  private tick(): void {
    if (this.isStopping || !this.feed.isCurrent || !this.store.health.connected) return;
    this.pools.forgetEmpty(this.store.clock.now());
    for (const partition of this.pools.partitions.values()) this.attendTo(partition);
    for (const [name, matcher] of this.matchers) {
      if (this.pools.partitions.get(name) === matcher.partition) continue;
      // A mode that changed has a pool of its own by now. Nobody acquires this one any more, and puts back what it was writing.
      // An owner of the new pool has done that by itself, and writes others.
      void matcher.release().then(() => this.matchers.has(name) || this.pools.putBackAllOf(name));
      this.matchers.delete(name);
    }
    for (const match of this.feed.view.matches.values()) if (this.isOwn(match)) this.steps.advance(match);
    metrics.partitions.set(this.owned().length);
  }

  private attendTo(partition: Partition): void {
    if (this.isStopping || !this.feed.isCaughtUp) return;
    const matcher = this.matchers.get(partition.name);
    if (!this.membership.shouldOwn(partition.name)) return void matcher?.release();
    if (matcher?.partition === partition) return this.urge(matcher);
    void matcher?.release();
    const { store, pools, scheduler, membership, feed, steps } = this;
    const context = {
      store,
      pools,
      scheduler,
      view: feed.view,
      serverId: Config.SERVER_ID,
      incarnation: membership.incarnation,
      version: Config.VERSION,
      allocateWithinMs: steps.allocateWithinMs(partition.mode.name),
      onWritten: (match: Stored<MatchRecord>) => steps.advance(match),
    };
    const fresh = new PartitionMatcher(partition, context);
    this.matchers.set(partition.name, fresh);
    this.urge(fresh);
  }

  private urge(matcher: PartitionMatcher): void {
    if (this.pools.isRebuilding) return;
    const { fenced } = matcher;
    if (fenced.state === 'owner') {
      if (matcher.partition.pool.nextLookAt() <= this.store.clock.now()) matcher.requestPass();
    } else if (performance.now() >= fenced.retryAt && matcher.hasWork) void fenced.acquire();
  }

  /** Whether this server takes the match on. */
  private isOwn({ record: { partition = '', version } }: Stored<MatchRecord>): boolean {
    return this.pools.looksAfter(version) && this.membership.shouldOwn(partition);
  }
}
