import { randomBytes } from 'node:crypto';
import {
  DiscardPolicy,
  jetstreamManager,
  type JetStreamManager,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';

/** How long a player may be away and still get everything. */
export const logKeepsMs = 60_000;

const namePrefix = 'PUSH_';

/** The random name is the epoch of the positions in it: a stream that is made anew must not take old ones for its own. */
function pushStream(): Partial<StreamConfig> & { name: string } {
  return {
    name: `${namePrefix}${randomBytes(8).toString('hex')}`,
    subjects: ['push.u.*.*'],
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

/** The push log's name, which is its epoch; made where there is none. @throws the JetStream API's error */
export async function openPushStream(nats: NatsConnection): Promise<string> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  const found = await find(manager);
  if (found) return found;
  const config = pushStream();
  try {
    await manager.streams.add(config);
    return config.name;
  } catch (error) {
    // Another process was quicker: two streams may not have the same subjects.
    const winner = await find(manager);
    if (winner) return winner;
    throw error;
  }
}

async function find(manager: JetStreamManager): Promise<string | undefined> {
  const names = await manager.streams.names('push.u.*.*').next();
  return names.find((name) => name.startsWith(namePrefix));
}

/** The first and last positions in a log. */
export async function pushStreamRange(
  nats: NatsConnection,
  epoch: string,
): Promise<{ first: number; last: number }> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  const { state } = await manager.streams.info(epoch);
  return { first: state.first_seq, last: state.last_seq };
}
