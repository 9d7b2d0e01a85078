import { Inject, Injectable } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '#rpc';
import { deliverSubject } from './subjects.js';

/** Sends to players, wherever they are connected. */
@Injectable()
export class PushService {
  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {}

  /** Pushes `data` under `route` to one player. */
  async toPlayer(playerId: string, route: string, data: unknown): Promise<void> {
    this.nats.publish(deliverSubject(playerId), JSON.stringify({ route, data }));
    await this.nats.flush();
  }
}
