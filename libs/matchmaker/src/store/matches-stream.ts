import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { matchesStream } from '../contracts/matches.js';
import { ensureStream } from '@ccgame/jetstream';

/**
 * Makes the stream, or gives one that an older version made what is missing: subjects, message TTLs, atomic batches.
 * Limits and replicas stay as an operator set them.
 */
export async function openMatchesStream(nats: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nats, { checkAPI: false });
  await ensureStream(manager, matchesStream);
  const { config } = await manager.streams.info(matchesStream.name);
  const subjects = new Set([...config.subjects, ...matchesStream.subjects]);
  const isComplete = config.allow_atomic && config.allow_msg_ttl && subjects.size === config.subjects.length;
  if (isComplete) return;
  await manager.streams.update(matchesStream.name, {
    subjects: [...subjects],
    allow_msg_ttl: true,
    allow_atomic: true,
  });
}
