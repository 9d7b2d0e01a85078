import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RpcModule } from '@ccgame/rpc';
import { PushService, SessionsModule } from '@ccgame/sessions';
import type { Account } from './account.js';

const everyMs = 1_000;

/** The back end that pushes numbers to each robot and knows how many it sent. */
export class Pusher {
  private isRunning = true;
  private loops: Promise<void>[] = [];

  private constructor(
    private readonly app: INestApplicationContext,
    private readonly account: Account,
  ) {}

  static async open(natsAddress: string, account: Account): Promise<Pusher> {
    const identity = { serverId: 'pusher-0', serverType: 'pusher', version: 'latest' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress }), SessionsModule],
    };
    const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    return new Pusher(app, account);
  }

  start(playerIds: string[]): void {
    this.loops = playerIds.map((playerId) => this.push(playerId));
  }

  /** Resolves when all that was sent is stored. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.loops);
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async push(playerId: string): Promise<void> {
    const push = this.app.get(PushService);
    for (let number = 0; this.isRunning; number += 1) {
      await new Promise((resolve) => setTimeout(resolve, everyMs * (0.5 + Math.random())));
      this.account.pushesSent += 1;
      await push.toPlayer(playerId, 'tick', number).catch(() => this.account.fail('push not stored'));
    }
  }
}
