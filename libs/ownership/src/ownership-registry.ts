import { Logger } from '@nestjs/common';
import type { NatsHealth } from '@ccgame/nats';
import type { FencedPartition } from './fenced-partition.js';
import { HandOverTurns } from './hand-over-turns.js';
import type { Membership } from './membership.js';

/** The owner of a partition, by its newest fence. */
export interface FenceHolder {
  serverId: string;
  /** The random id of that server's process: it tells a pod from the one before it under the same name. */
  incarnation: string;
  /** It gave the partition up after its last batch. */
  isReleased: boolean;
}

/** One partition as this server may own it. */
export interface OwnablePartition {
  readonly fenced: FencedPartition;
  /** The newest fence in the stream; undefined: nobody has owned it yet. @throws where NATS can't be asked */
  readHolder(): Promise<FenceHolder | undefined>;
  /** Ends what is under way, stores what is to be kept, and gives the partition up. Never throws. */
  handOver(): Promise<void>;
  /** Resolves when an acquired partition answers; left out: at once. Never throws. */
  untilAnswering?(): Promise<void>;
}

/** The partitions that this server may own, and those who share them. */
export interface OwnershipOptions {
  serverId: string;
  membership: Membership;
  health: NatsHealth;
  partitions: OwnablePartition[];
}

const lookMs = 200;
/**
 * So long after the last release that was heard a live owner may take to hand a partition over, before it is taken from it, ms.
 * Players are served meanwhile, and a server that has far too much to do takes 3 s.
 */
const politeMs = 10_000;

/**
 * Owns a fixed number of partitions together with the other servers of a type and version: takes over those of servers that
 * went, and hands over those that are to be others'. An owner who lives is waited for, so that a planned move loses nothing;
 * one who is gone is not.
 */
export class OwnershipRegistry {
  private readonly log = new Logger('ownership');
  /** Since when a partition is wanted from its owner, by `performance.now()`. */
  private readonly wantedSince = new Map<string, number>();
  /** Partitions whose holder is asked for, and whether one was released meanwhile. */
  private readonly asked = new Map<string, boolean>();
  /** Partitions whose newest fence may be this server's: others wait for it as long as it lives, until it has given them up. */
  private readonly unreleased = new Set<string>();
  private readonly handingOver = new Map<string, Promise<void>>();
  private readonly turns: HandOverTurns;
  /** When another server gave up any partition: they do it one after the other. */
  private releasedAt = -Infinity;
  private timer?: NodeJS.Timeout;
  private isStopping = false;

  constructor(private readonly options: OwnershipOptions) {
    this.turns = new HandOverTurns(options.membership, options.serverId);
  }

  async start(): Promise<void> {
    const { membership, partitions } = this.options;
    membership.onChange(() => this.lookAtAll());
    this.turns.listen();
    membership.onRelease((name) => {
      this.releasedAt = performance.now();
      const partition = partitions.find(({ fenced }) => fenced.name === name);
      if (partition) this.lookAt(partition, true);
    });
    await membership.join();
    this.timer = setInterval(() => this.lookAtAll(), lookMs);
    this.lookAtAll();
  }

  /** Names of the partitions that this server owns. */
  owned(): string[] {
    const { partitions } = this.options;
    return partitions.flatMap(({ fenced }) => (fenced.state === 'owner' ? [fenced.name] : []));
  }

  /**
   * A planned stop: the others are told who is to have what, and each partition when it can be had.
   *
   * @param deadline ms by `performance.now()`; when half of the time is over, all that is left is handed over at once
   */
  async handOverAll(deadline: number): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    const { membership, partitions } = this.options;
    const hurry = setTimeout(() => this.turns.hurry(), Math.max(0, deadline - performance.now()) / 2).unref();
    await membership.leave();
    await Promise.all(partitions.map((partition) => this.handOver(partition)));
    clearTimeout(hurry);
  }

  stop(): void {
    this.isStopping = true;
    clearInterval(this.timer);
    this.turns.close();
    this.options.membership.close();
  }

  private lookAtAll(): void {
    for (const partition of this.options.partitions) this.lookAt(partition, false);
  }

  private lookAt(partition: OwnablePartition, isReleased: boolean): void {
    const { fenced } = partition;
    if (this.isStopping || !this.options.health.connected) return;
    if (!this.options.membership.shouldOwn(fenced.name)) {
      this.wantedSince.delete(fenced.name);
      const mayTry = fenced.state === 'away' && performance.now() >= fenced.retryAt;
      if (fenced.state === 'owner' || mayTry) void this.handOver(partition);
      return;
    }
    if (fenced.state !== 'away' || this.handingOver.has(fenced.name)) return;
    if (isReleased || performance.now() >= fenced.retryAt) void this.acquireFrom(partition, isReleased);
  }

  private async acquireFrom(partition: OwnablePartition, isReleased: boolean): Promise<void> {
    const { name } = partition.fenced;
    if (this.asked.has(name)) {
      if (isReleased) this.asked.set(name, true);
      return;
    }
    this.asked.set(name, false);
    try {
      if ((await this.mayAcquire(partition)) && !this.isStopping) {
        this.wantedSince.delete(name);
        await this.acquire(partition);
      }
    } catch (error) {
      this.holderUnknown(partition, error);
    } finally {
      const wasReleased = this.asked.get(name) === true;
      this.asked.delete(name);
      if (wasReleased) this.lookAt(partition, true);
    }
  }

  private holderUnknown({ fenced }: OwnablePartition, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    fenced.postpone();
    this.log.warn({ event: 'partition.holder-unknown', partition: fenced.name, reason });
  }

  private async acquire(partition: OwnablePartition): Promise<void> {
    const { fenced } = partition;
    this.unreleased.add(fenced.name);
    await fenced.acquire();
    await partition.untilAnswering?.();
    if (fenced.state !== 'owner') return;
    if (this.isStopping) await this.handOver(partition);
    else this.options.membership.announceAcquired(fenced.name);
  }

  private async mayAcquire(partition: OwnablePartition): Promise<boolean> {
    const { membership, serverId } = this.options;
    const holder = await partition.readHolder();
    if (!holder || holder.isReleased || holder.serverId === serverId) return true;
    if (!(await membership.mayLive(holder))) return true;
    const since = this.wantedSince.get(partition.fenced.name) ?? performance.now();
    this.wantedSince.set(partition.fenced.name, since);
    return performance.now() - Math.max(since, this.releasedAt) > politeMs;
  }

  private handOver(partition: OwnablePartition): Promise<void> {
    const { name } = partition.fenced;
    const under = this.handingOver.get(name);
    if (under) return under;
    if (partition.fenced.state === 'away' && !this.unreleased.has(name)) return Promise.resolve();
    const done = this.turns.takeTurn(name, () => this.giveUp(partition));
    this.handingOver.set(name, done);
    return done;
  }

  /** @returns false: it was lost meanwhile, or is to stay, as another server came or went since it was to be handed over */
  private async giveUp(partition: OwnablePartition): Promise<boolean> {
    const { membership } = this.options;
    const { fenced } = partition;
    const { name } = fenced;
    const since = performance.now();
    try {
      if (!this.isStopping && membership.shouldOwn(name)) return false;
      // Its fence may stand there already.
      if (fenced.state === 'acquiring') await fenced.acquire();
      else if (fenced.state === 'away') await this.takeBack(partition);
      if (fenced.state !== 'owner') return false;
      await partition.handOver();
      this.unreleased.delete(name);
    } finally {
      this.handingOver.delete(name);
    }
    membership.announceRelease(name);
    const ms = Math.round(performance.now() - since);
    this.log.log({ event: 'partition.handed-over', partition: name, ms });
    return true;
  }

  /** One that was lost, and that nobody has taken since: only its owner can say that it is released. */
  private async takeBack(partition: OwnablePartition): Promise<void> {
    const { fenced } = partition;
    if (!this.options.health.connected) return;
    try {
      const holder = await partition.readHolder();
      const isOurs = holder?.serverId === this.options.serverId && !holder.isReleased;
      if (isOurs) await fenced.acquire();
      else this.unreleased.delete(fenced.name);
    } catch (error) {
      this.holderUnknown(partition, error);
    }
  }
}
