import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { Membership } from '@ccgame/ownership';

/** The matching servers of this version. */
@Injectable()
export class MatchingMembership extends Membership implements OnApplicationShutdown {
  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection, health: NatsHealth) {
    const subject = `matching.beacon.${Config.VERSION.replaceAll('.', '_')}`;
    super({ nats, health, serverId: Config.SERVER_ID, subject });
  }

  onApplicationShutdown(): void {
    this.close();
  }
}
