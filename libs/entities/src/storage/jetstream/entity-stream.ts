import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type BoundStream, ensureStream, type StreamDeclaration } from '@ccgame/jetstream';

/** A quarter of a million entities of 4 KB. A full stream refuses what would make it larger, and its entities stay as they were stored. */
const maxBytes = 2 ** 30;

/** One stream for a server type: what it holds lives as long as its entities do. */
export function entityStreamName(serverType: string): string {
  return `ENTITIES_${serverType.toUpperCase()}`;
}

function entityStream(serverType: string): BoundStream {
  return {
    name: entityStreamName(serverType),
    subjects: [`entity.${serverType}.>`],
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    max_bytes: maxBytes,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_msg_ttl: true,
    allow_atomic: true,
  };
}

/** The streams of these server types' entities, made by the server type `storage`. */
export function entityStreams(...serverTypes: string[]): StreamDeclaration[] {
  return serverTypes.map((serverType) => ({ config: entityStream(serverType) }));
}

/** Makes the stream of a server type's entities, where it is missing. @throws JetStreamError */
export async function openEntityStream(nats: NatsConnection, serverType: string): Promise<void> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  await ensureStream(manager, entityStream(serverType));
}
