import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ensureAlways, ensureStream, type StreamDeclaration } from '@ccgame/jetstream';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/** The injection token of the streams that `StorageModule.forRoot` was given. */
export const STORED_STREAMS = Symbol('STORED_STREAMS');

const apiTimeoutMs = 2_000;

/** Makes the streams and buckets of the game, and makes them again whenever one is gone: the others wait for that. */
@Injectable()
export class StorageKeeper implements OnModuleInit, OnApplicationShutdown {
  private readonly endings: (() => void)[] = [];

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(STORED_STREAMS) private readonly streams: readonly StreamDeclaration[],
  ) {}

  async onModuleInit(): Promise<void> {
    const manager = await jetstreamManager(this.nats, { timeout: apiTimeoutMs, checkAPI: false });
    // All at once: the push log waits for any of the others, by which it knows what time it is.
    const kept = this.streams.map(({ config, firstSequence }) => {
      const first = firstSequence && (() => firstSequence(this.nats));
      return ensureAlways(this.health, () => ensureStream(manager, config, first), { name: config.name });
    });
    this.endings.push(...(await Promise.all(kept)));
  }

  onApplicationShutdown(): void {
    for (const end of this.endings) end();
  }
}
