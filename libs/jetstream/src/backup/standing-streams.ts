import { JetStreamApiError, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { findStream } from '../streams/ensure-stream.js';
import type { SnapshotHead } from './snapshot-stream.js';

/** Streams that are there, by name. */
export type StandingStreams = ReadonlyMap<string, StreamInfo>;

/** Those of the streams that are there. */
export async function findStreams(nats: NatsConnection, names: readonly string[]): Promise<StandingStreams> {
  const manager = await jetstreamManager(nats);
  const found = new Map<string, StreamInfo>();
  for (const name of names) {
    const stream = await findStream(manager, name);
    if (stream) found.set(name, stream);
  }
  return found;
}

export async function deleteStreams(nats: NatsConnection, names: Iterable<string>): Promise<void> {
  const manager = await jetstreamManager(nats);
  for (const name of names) await manager.streams.delete(name);
}

const probe = { name: 'RESTORE_PROBE', subjects: ['restore.probe'] };

/**
 * Finds out whether NATS would take streams in place of those that stand, one after the other, before any of them gives way: an empty
 * stream with so many copies and the room that they need more is made, and deleted.
 *
 * @returns why it would not, as NATS says it; undefined: it would
 */
export async function tryRoomFor(
  nats: NatsConnection,
  streams: readonly SnapshotHead[],
  standing: StandingStreams,
  replicas: number,
): Promise<string | undefined> {
  let [more, most] = [0, 1];
  for (const stream of streams) {
    const before = standing.get(stream.config.name);
    more += sizeOf(stream) - (before ? sizeOf(before) : 0);
    most = Math.max(most, more);
  }
  const manager = await jetstreamManager(nats);
  // One of a restore that was killed.
  if (await findStream(manager, probe.name)) await manager.streams.delete(probe.name);
  try {
    await manager.streams.add({ ...probe, num_replicas: replicas, max_bytes: most });
  } catch (error) {
    if (error instanceof JetStreamApiError) return error.message;
    throw error;
  }
  await manager.streams.delete(probe.name);
  return undefined;
}

/** Bytes that a stream reserves, or has where it reserves nothing. */
function sizeOf({ config, state }: SnapshotHead): number {
  return Math.max(config.max_bytes, state.bytes);
}
