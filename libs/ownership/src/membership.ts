import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import type { NatsHealth } from '@ccgame/nats';
import { type Beacon, LiveServers, readBeacon } from './live-servers.js';
import { NeighbourWatch } from './neighbour-watch.js';
import { winnerOf } from './rendezvous.js';

/** The server that takes part, and the subject on which it hears the others. */
export interface MembershipOptions {
  nats: NatsConnection;
  health: NatsHealth;
  serverId: string;
  /** NATS subject on which those who share partitions hear each other: one for each server type and version. */
  subject: string;
}

/** A server tells the others this often that it lives, ms. */
export const beaconMs = 500;
/** The servers that are there answer a newcomer at once, as long as they are not held up. */
const settleMs = 250;
/** Partitions whose owner is remembered: names can be the players' own, as codes of their lobbies are. */
const mostWinners = 100_000;
/** Until it looks again whether NATS is there, or this process stops, ms. */
const longestWaitMs = 1_000;

/**
 * The servers that share partitions: which of them live, and which of them is to own what. It may be wrong for a moment,
 * which costs time and no more: the fence decides.
 */
export class Membership {
  /** Parts this process from others under the same server id: a pod that comes back is another incarnation. */
  readonly incarnation = randomBytes(6).toString('hex');
  private readonly log = new Logger('ownership');
  private readonly live: LiveServers;
  private readonly winners = new Map<string, boolean>();
  private readonly listeners = new Set<() => void>();
  private readonly releaseListeners = new Set<(partition: string) => void>();
  private readonly acquiredListeners = new Set<(partition: string) => void>();
  private isLeaving = false;
  private isSettled = false;
  private subscription?: Subscription;
  private timer?: NodeJS.Timeout;
  private neighbours?: NeighbourWatch;

  constructor(private readonly options: MembershipOptions) {
    this.live = new LiveServers(options.serverId, performance.now());
  }

  /** Resolves when those who were there have been heard. */
  async join(): Promise<void> {
    const { nats, subject } = this.options;
    this.subscription = nats.subscribe(subject, {
      callback: (error, message) => {
        // Without beacons each server would take all partitions from the others again and again.
        if (error) this.log.error({ event: 'ownership.beacons.refused', reason: error.message });
        else this.hearBeacon(readBeacon(message));
      },
    });
    this.neighbours = new NeighbourWatch({
      ...this.options,
      members: () => this.live.ids(),
      onGone: (server) => this.forgetGone(server),
    });
    this.timer = setInterval(() => this.beat(), beaconMs);
    await this.hearOthers();
    this.isSettled = true;
    // From now on the others give up what is this server's; before, it would have let that lie.
    this.sendBeacon({});
    this.membersChanged();
  }

  /** Whether a partition is to be this server's. Whether it is already, its `FencedPartition` knows. */
  shouldOwn(partition: string): boolean {
    if (!this.isSettled || this.isLeaving) return false;
    let isOwn = this.winners.get(partition);
    if (isOwn === undefined) {
      isOwn = this.ownerOf(partition) === this.options.serverId;
      if (this.winners.size >= mostWinners) this.winners.clear();
      this.winners.set(partition, isOwn);
    }
    return isOwn;
  }

  /** The server that is to own a partition, as far as is known here. */
  ownerOf(partition: string): string | undefined {
    return winnerOf(partition, this.live.ids());
  }

  /**
   * Whether a server's process lives or is still leaving, as far as a newcomer can know: one that is held up may not have answered it yet.
   * A process that came back under its id is another one.
   */
  async mayLive({ serverId, incarnation }: { serverId: string; incarnation: string }): Promise<boolean> {
    const heard = this.live.incarnationOf(serverId);
    if (heard !== undefined) return heard === incarnation;
    if (this.live.hasListened(performance.now())) return false;
    const isGone = (await this.neighbours?.isGone(serverId)) === true;
    return !isGone || this.live.incarnationOf(serverId) === incarnation;
  }

  /** Ids of the servers that live. */
  members(): string[] {
    return this.live.ids();
  }

  /** Calls `listener` whenever a server came or went. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Tells the others that a partition can be had. */
  announceRelease(partition: string): void {
    this.sendBeacon({ released: partition });
  }

  /** Calls `listener` with each partition that another server has given up. */
  onRelease(listener: (partition: string) => void): void {
    this.releaseListeners.add(listener);
  }

  /** Tells the others that this server answers for a partition. */
  announceAcquired(partition: string): void {
    this.sendBeacon({ acquired: partition });
  }

  /** Calls `listener` with each partition that another server answers for by now. */
  onAcquired(listener: (partition: string) => void): void {
    this.acquiredListeners.add(listener);
  }

  /** This server owns nothing from now on, and the others know it, or hear it by a later beacon when NATS is back. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    this.sendBeacon({});
    await this.options.nats.flush().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.timer);
    this.neighbours?.close();
    this.subscription?.unsubscribe();
  }

  /** While NATS is away nobody is heard, and a server that takes itself for the only one takes all partitions from the others. */
  private async hearOthers(): Promise<void> {
    const { health } = this.options;
    do {
      await health.waitUntilConnected(longestWaitMs);
      this.sendBeacon({ asks: true });
      await new Promise((resolve) => setTimeout(resolve, settleMs));
    } while (!health.connected && !health.isClosed);
  }

  private beat(): void {
    if (!this.isSettled) return;
    this.sendBeacon({});
    const { health } = this.options;
    if (this.live.forgetSilent(performance.now(), health.connected, beaconMs)) this.membersChanged();
  }

  private hearBeacon(beacon: Beacon | undefined): void {
    if (!beacon || beacon.serverId === this.options.serverId) return;
    if (beacon.asks && this.isSettled) this.sendBeacon({});
    // Those that start together know each other at once: none of them takes the share of all.
    const isMember = !beacon.asks || !this.isSettled;
    if (this.live.hear(beacon, performance.now(), isMember)) this.membersChanged();
    const { released, acquired, gone } = beacon;
    if (gone !== undefined) void this.checkGone(gone);
    if (released !== undefined) for (const listener of this.releaseListeners) listener(released);
    if (acquired !== undefined) for (const listener of this.acquiredListeners) listener(acquired);
  }

  /** Found by this server; the others look for themselves. */
  private forgetGone(server: string): void {
    if (!this.options.health.connected || !this.live.forget(server)) return;
    this.sendBeacon({ gone: server });
    this.membersChanged();
  }

  private async checkGone(server: string): Promise<void> {
    if (!this.live.isThere(server) || !(await this.neighbours?.isGone(server))) return;
    if (this.live.forget(server)) this.membersChanged();
  }

  private sendBeacon(told: Pick<Beacon, 'asks' | 'released' | 'acquired' | 'gone'>): void {
    const { nats, health, serverId, subject } = this.options;
    if (!health.connected) return;
    const { incarnation, isLeaving } = this;
    const beacon: Beacon = { serverId, incarnation, isLeaving, ...told };
    nats.publish(subject, JSON.stringify(beacon));
  }

  private membersChanged(): void {
    this.winners.clear();
    this.neighbours?.membersChanged();
    this.log.log({
      event: 'ownership.members',
      subject: this.options.subject,
      live: this.live.ids(),
    });
    for (const listener of this.listeners) listener();
  }
}
