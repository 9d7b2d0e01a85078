import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import type { NatsHealth } from '@ccgame/nats';
import { type Beacon, LiveServers, readBeacon } from './live-servers.js';
import { beaconMs } from './membership.js';

/** The memberships whose servers are counted. */
export interface ServerCountOptions {
  nats: NatsConnection;
  health: NatsHealth;
  serverId: string;
  /** A wildcard over the subjects of several `Membership`s, as `entity-beacon.dice.*` */
  subject: string;
}

/** How many servers own partitions, or are about to, in all versions of a server type. */
export class ServerCount {
  private readonly live: LiveServers;
  private readonly subscription: Subscription;
  private readonly timer: NodeJS.Timeout;
  private readonly unwatch: () => void;

  constructor({ nats, health, serverId, subject }: ServerCountOptions) {
    this.live = new LiveServers(serverId, performance.now());
    this.subscription = nats.subscribe(subject, {
      callback: (error, message) => {
        if (!error) this.hearBeacon(readBeacon(message));
      },
    });
    this.timer = setInterval(
      () => this.live.forgetSilent(performance.now(), health.connected, beaconMs),
      beaconMs,
    );
    // Others may have come meanwhile.
    this.unwatch = health.onChange(() => this.live.listenAnew(performance.now()));
  }

  /** This server among them, and those that are leaving. Undefined: after so short a time there may be some that were not heard yet. */
  get count(): number | undefined {
    return this.live.hasListened(performance.now()) ? this.live.count : undefined;
  }

  close(): void {
    clearInterval(this.timer);
    this.unwatch();
    this.subscription.unsubscribe();
  }

  private hearBeacon(beacon: Beacon | undefined): void {
    if (!beacon) return;
    this.live.hear(beacon, performance.now());
    if (beacon.gone !== undefined) this.live.forget(beacon.gone);
  }
}
