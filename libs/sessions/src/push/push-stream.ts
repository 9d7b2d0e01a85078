import { DiscardPolicy, jetstreamManager, StorageType, type StreamInfo } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { ensureStream, notBackedUp, readStorageTime, type StreamDeclaration } from '@ccgame/jetstream';

/** How long a player may be away and still get everything, and how long an id is known. */
export const logKeepsMs = 60_000;
/** A try that is older may be forgotten: a publish may be under way for a while, and clocks of servers go a little differently. */
export const logKnowsMs = logKeepsMs - 5_000;

/** The name of the push log. */
export const pushStreamName = 'PUSH';

/** Told when another NATS server became the leader of the log: what its predecessor stored last may never be delivered. */
export const pushLeaderSubject = `$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${pushStreamName}`;

const config: StreamDeclaration['config'] = {
  name: pushStreamName,
  subjects: ['push.u.*.*'],
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  discard_new_per_subject: true,
  max_age: nanos(logKeepsMs),
  max_bytes: 1024 ** 3,
  allow_direct: true,
  republish: { src: 'push.u.*.*', dest: 'deliver.u.{{wildcard(1)}}' },
  // Positions only grow (decision 014): a log that came back would give again what clients have had.
  metadata: notBackedUp,
};

/**
 * A log that is made anew, after NATS lost its files, must not take positions of the lost one for its own: positions begin
 * at the microseconds of its making, which no earlier log has reached, and still are safe integers. By the clock of NATS: a
 * server whose own is behind would make a log with positions that the lost one had.
 */
async function firstPosition(nats: NatsConnection): Promise<number | undefined> {
  const now = await readStorageTime(nats);
  return now === undefined ? undefined : now * 1_000;
}

/** The push log as it is made. */
export const pushStream: StreamDeclaration = { config, firstSequence: firstPosition };

/** Makes the push log where there is none, as soon as another stream shows what time it is. @throws the JetStream API's error */
export async function openPushStream(nats: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  await ensureStream(manager, config, () => firstPosition(nats));
}

/** The positions that the push log holds. */
export interface PushRange {
  /** The first and last positions in the log. */
  first: number;
  last: number;
  /** How many NATS servers keep it. */
  replicas: number;
}

/** When the push log was made, by `performance.now()` of this process: its age is told by the clock of NATS alone. @throws the JetStream API's error */
export async function whenPushLogMade(nats: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  const { created, ts } = (await manager.streams.info(pushStreamName)) as StreamInfo & { ts: string };
  return performance.now() - (Date.parse(ts) - Date.parse(created));
}

/** Told by the log's leader. @throws the JetStream API's error */
export async function pushRange(nats: NatsConnection): Promise<PushRange> {
  const manager = await jetstreamManager(nats, { timeout: 2_000, checkAPI: false });
  const { state, config } = await manager.streams.info(pushStreamName);
  return { first: state.first_seq, last: state.last_seq, replicas: config.num_replicas };
}
