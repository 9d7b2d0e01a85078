import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { boardKey, boardsBucket, type Day, type SettledBoard } from '#contracts';
import { ensureAlways, ensureBucket, NATS_CONNECTION, NatsHealth } from '#rpc';

/** The boards of past days, as the job `settleLeaderboard` closed them. */
@Injectable()
export class SettledBoards implements OnModuleInit {
  private boards: KV;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
  ) {}

  async onModuleInit(): Promise<void> {
    await ensureAlways(this.health, async () => {
      this.boards = await ensureBucket(this.nats, boardsBucket, 1);
    });
  }

  async get(board: string, day: Day): Promise<SettledBoard | undefined> {
    return (await this.boards.get(boardKey(board, day)))?.json<SettledBoard>();
  }
}
