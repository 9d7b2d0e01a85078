import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { type Beacon, LiveServers } from './live-servers.js';
import { winnerOf } from './rendezvous.js';

const beaconMs = 500;
/** Who is there answers a newcomer at once; it claims nothing before it can have heard them. */
const settleMs = 250;

/** The matching servers of this version: who lives, and who of them owns what. */
@Injectable()
export class Peers implements OnApplicationShutdown {
  /** Parts this life of the server from others under its name. */
  readonly incarnation = randomBytes(6).toString('hex');
  private readonly log = new Logger('matching');
  private readonly subject = `matching.beacon.${Config.VERSION.replaceAll('.', '_')}`;
  private readonly live = new LiveServers(Config.SERVER_ID, performance.now());
  private readonly winners = new Map<string, boolean>();
  private readonly listeners = new Set<() => void>();
  private isLeaving = false;
  private isSettled = false;
  private subscription?: Subscription;
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {}

  /** Resolves when those who were there have been heard. */
  async start(): Promise<void> {
    this.subscription = this.nats.subscribe(this.subject, {
      callback: (error, message) => {
        // Without beacons each server would take all partitions from the others again and again.
        if (error) this.log.error({ event: 'matching.beacons.refused', reason: error.message });
        else this.hear(message.json<Beacon>());
      },
    });
    this.timer = setInterval(() => this.tick(), beaconMs);
    this.say({ asks: true });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    this.isSettled = true;
    this.changed();
  }

  /** Whether a partition is this server's. */
  owns(partition: string): boolean {
    if (!this.isSettled || this.isLeaving) return false;
    let isOwn = this.winners.get(partition);
    if (isOwn === undefined) {
      isOwn = winnerOf(partition, this.live.ids()) === Config.SERVER_ID;
      this.winners.set(partition, isOwn);
    }
    return isOwn;
  }

  /** Calls `listener` whenever a server came or went. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** This server owns nothing from now on, and the others know it. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    this.say({});
    await this.nats.flush();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.subscription?.unsubscribe();
  }

  private tick(): void {
    this.say({});
    if (this.live.look(performance.now(), this.health.connected, beaconMs)) this.changed();
  }

  private hear(beacon: Beacon): void {
    if (beacon.serverId === Config.SERVER_ID) return;
    if (beacon.asks) this.say({});
    if (this.live.hear(beacon, performance.now())) this.changed();
  }

  private say({ asks }: { asks?: boolean }): void {
    if (!this.health.connected) return;
    const { incarnation, isLeaving } = this;
    const beacon: Beacon = { serverId: Config.SERVER_ID, incarnation, isLeaving, asks };
    this.nats.publish(this.subject, JSON.stringify(beacon));
  }

  private changed(): void {
    this.winners.clear();
    this.log.log({ event: 'matching.servers', live: this.live.ids() });
    for (const listener of this.listeners) listener();
  }
}
