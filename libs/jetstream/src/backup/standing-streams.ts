import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/** "stream not found" */
const notFound = 10059;

/** How many messages each of these streams has; those that are not there are left out. */
export async function countMessages(
  nats: NatsConnection,
  names: readonly string[],
): Promise<Map<string, number>> {
  const manager = await jetstreamManager(nats);
  const counts = new Map<string, number>();
  for (const name of names) {
    const count = await countOf(manager, name);
    if (count !== undefined) counts.set(name, count);
  }
  return counts;
}

async function countOf(manager: JetStreamManager, name: string): Promise<number | undefined> {
  try {
    return (await manager.streams.info(name)).state.messages;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFound) return undefined;
    throw error;
  }
}

export async function deleteStreams(nats: NatsConnection, names: Iterable<string>): Promise<void> {
  const manager = await jetstreamManager(nats);
  for (const name of names) await manager.streams.delete(name);
}
