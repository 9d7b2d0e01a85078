import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EntityClient } from '@ccgame/entities';
import { RpcModule, RpcService } from '@ccgame/rpc';
import { PushService, SessionsModule } from '@ccgame/sessions';
import type { Sent } from './checker.js';

const everyMs = 150;

/** A back end of the game: it opens rooms, pushes numbers to every player, and writes down what it was told of each. */
export class Publisher {
  private readonly sent = new Map<string, Sent[]>();
  readonly entities: EntityClient;
  private isOver = false;
  private readonly loops: Promise<void>[];

  private constructor(
    private readonly app: INestApplicationContext,
    players: readonly string[],
  ) {
    this.entities = new EntityClient(app.get(RpcService));
    const push = app.get(PushService);
    this.loops = players.map((playerId) => this.pushOn(push, playerId));
  }

  static async start(natsAddress: string, players: readonly string[]): Promise<Publisher> {
    const identity = { serverId: 'publisher-0', serverType: 'publisher', version: '1.0.0000' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule],
    };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    return new Publisher(app, players);
  }

  sentTo(playerId: string): readonly Sent[] {
    return this.sent.get(playerId) ?? [];
  }

  /** Ends when everything that was begun is answered. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.loops);
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async pushOn(push: PushService, playerId: string): Promise<void> {
    const all: Sent[] = [];
    this.sent.set(playerId, all);
    for (let number = 0; !this.isOver; number += 1) {
      const entry = { number, isAcked: false };
      all.push(entry);
      await push.toPlayer(playerId, 'tick', number).then(
        () => (entry.isAcked = true),
        // Stored or not, nobody knows.
        () => undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
