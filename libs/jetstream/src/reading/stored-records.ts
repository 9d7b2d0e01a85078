import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { DirectReader } from './direct-reader.js';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';

/** The streams and buckets that this process reads by key. */
@Injectable()
export class StoredRecords extends DirectReader implements OnApplicationShutdown {
  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection, health: NatsHealth) {
    super(nats, health);
  }

  onApplicationShutdown(): void {
    this.close();
  }
}
