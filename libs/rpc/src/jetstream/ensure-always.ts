import { Logger } from '@nestjs/common';
import type { NatsHealth } from '../nats/nats-health.js';

const retryMs = 500;

/**
 * Runs `make`, which creates streams or buckets where they are missing, now and again whenever NATS comes back: it may
 * have lost its files, and a server must not need a restart for that.
 *
 * @returns what ends it
 * @throws what `make` throws the first time
 */
export async function ensureAlways(health: NatsHealth, make: () => Promise<unknown>): Promise<() => void> {
  await make();
  return health.onChange((connected) => {
    if (connected) void again(health, make);
  });
}

async function again(health: NatsHealth, make: () => Promise<unknown>): Promise<void> {
  while (health.connected) {
    try {
      await make();
      return;
    } catch (error) {
      // JetStream starts a moment after NATS itself.
      new Logger('storage').debug({ event: 'storage.not-ready', err: error });
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  }
}
