import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { boardKey, boardsBucket, type Day, type SettledBoard } from './boards.js';
import { ensureAlways, ensureBucket } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { StoredRecords } from '@ccgame/jetstream';

/** The boards of past days, as the job `settleLeaderboard` closed them. */
@Injectable()
export class SettledBoards implements OnModuleInit {
  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly records: StoredRecords,
  ) {}

  async onModuleInit(): Promise<void> {
    await ensureAlways(this.health, () => ensureBucket(this.nats, boardsBucket, 1), {
      name: `KV_${boardsBucket}`,
    });
  }

  async get(board: string, day: Day): Promise<SettledBoard | undefined> {
    const subject = `$KV.${boardsBucket}.${boardKey(board, day)}`;
    return (await this.records.readRecord(`KV_${boardsBucket}`, subject)).record?.json<SettledBoard>();
  }
}
