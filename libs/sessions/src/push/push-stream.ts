import { DiscardPolicy, jetstreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { ensureStream } from '#rpc';

/** How long a player may be away and still get everything. */
const logKeepsMs = 60_000;

export const pushStreamName = 'PUSH';

/**
 * A log that is made anew, after NATS lost its files, must not take positions of the lost one for its own: positions begin
 * at the microseconds of its making, which no earlier log has reached, and still are safe integers.
 */
function pushStream(): Partial<StreamConfig> & { name: string } {
  return {
    name: pushStreamName,
    subjects: ['push.u.*.*'],
    first_seq: Date.now() * 1_000,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    discard_new_per_subject: true,
    max_age: nanos(logKeepsMs),
    max_bytes: 1024 ** 3,
    allow_direct: true,
    republish: { src: 'push.u.*.*', dest: 'deliver.u.{{wildcard(1)}}' },
  };
}

/** Makes the push log where there is none. @throws the JetStream API's error */
export async function openPushStream(nats: NatsConnection): Promise<void> {
  await ensureStream(await jetstreamManager(nats, { timeout: 2_000, checkAPI: false }), pushStream());
}

/** The first and last positions in the log. @throws the JetStream API's error */
export async function pushStreamRange(nats: NatsConnection): Promise<{ first: number; last: number }> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  const { state } = await manager.streams.info(pushStreamName);
  return { first: state.first_seq, last: state.last_seq };
}
