import { jetstreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ensureStream } from '@ccgame/jetstream';

/** One stream for a server type: what it holds lives as long as its entities do. */
export function entityStreamName(serverType: string): string {
  return `ENTITIES_${serverType.toUpperCase()}`;
}

export async function openEntityStream(nats: NatsConnection, serverType: string): Promise<void> {
  const config = {
    name: entityStreamName(serverType),
    subjects: [`entity.${serverType}.>`],
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    allow_direct: true,
    allow_msg_ttl: true,
    allow_atomic: true,
  } satisfies Partial<StreamConfig>;
  await ensureStream(await jetstreamManager(nats, { timeout: 2_000, checkAPI: false }), config);
}
