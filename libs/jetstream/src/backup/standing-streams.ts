import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { findStream } from '../streams/ensure-stream.js';

/** How many messages each of these streams has; those that are not there are left out. */
export async function countMessages(
  nats: NatsConnection,
  names: readonly string[],
): Promise<Map<string, number>> {
  const manager = await jetstreamManager(nats);
  const counts = new Map<string, number>();
  for (const name of names) {
    const stream = await findStream(manager, name);
    if (stream) counts.set(name, stream.state.messages);
  }
  return counts;
}

export async function deleteStreams(nats: NatsConnection, names: Iterable<string>): Promise<void> {
  const manager = await jetstreamManager(nats);
  for (const name of names) await manager.streams.delete(name);
}
