import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Consumer, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ensureStream } from '@ccgame/jetstream';
import { NATS_CONNECTION } from '@ccgame/nats';
import { RpcModule } from '@ccgame/rpc';
import { PushService, SessionsModule } from '@ccgame/sessions';
import { tickRoute } from './player.js';

const runsStream = 'TORTURE';

/** The back end that pushes: numbers from 0 to each player, and it knows how many it sent. */
export class Publisher {
  /** When each number was sent to a player, epoch ms. */
  readonly sent = new Map<string, number[]>();
  failed = 0;
  private isRunning = false;
  private loops: Promise<void>[] = [];

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly push: PushService,
  ) {}

  static async open(natsAddress: string): Promise<Publisher> {
    const identity = { serverId: 'publisher-0', serverType: 'publisher', version: '1.0.0000' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule],
    };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    const manager = await jetstreamManager(app.get<NatsConnection>(NATS_CONNECTION));
    await ensureStream(manager, { name: runsStream, subjects: ['torture.ran'], max_bytes: 2 ** 30 });
    return new Publisher(app, app.get(PushService));
  }

  /** Pushes to each player about every `everyMs`. */
  start(playerIds: string[], everyMs: number): void {
    this.isRunning = true;
    this.loops = playerIds.map((playerId) => this.loop(playerId, everyMs));
  }

  /** Resolves when everything sent is acknowledged. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.loops);
  }

  /** The ids of the requests that a back end ran, once for each run. */
  async runs(): Promise<string[]> {
    const consumer = await this.openConsumer();
    const { num_pending: count } = await consumer.info();
    const ids: string[] = [];
    if (count === 0) return ids;
    for await (const message of await consumer.consume()) {
      ids.push(message.string());
      if (ids.length === count) break;
    }
    return ids;
  }

  /** A NATS cluster that has just been hit may answer no first request: it is asked four times, for five seconds each. */
  private async openConsumer(): Promise<Consumer> {
    const { consumers } = jetstream(this.app.get<NatsConnection>(NATS_CONNECTION));
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await consumers.get(runsStream, { deliver_policy: DeliverPolicy.All });
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async loop(playerId: string, everyMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * everyMs));
    const sentAt: number[] = [];
    this.sent.set(playerId, sentAt);
    for (let number = 0; this.isRunning; number += 1) {
      const at = Date.now();
      const isStored = await this.push.toPlayer(playerId, tickRoute, number).then(
        () => true,
        () => false,
      );
      if (!isStored) {
        // Stored or not, nobody knows: the same number again would be a duplicate of ours.
        this.failed += 1;
      }
      sentAt.push(at);
      await new Promise((resolve) => setTimeout(resolve, everyMs * (0.5 + Math.random())));
    }
  }
}
