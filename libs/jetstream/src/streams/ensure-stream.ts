import { Logger } from '@nestjs/common';
import {
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Config } from '@ccgame/config';
import { metrics } from '../metrics.js';
import { isExpectedToStart, mayMake, noteDenial } from './making-rights.js';
import { isToWaitFor, storageProblem } from './storage-problem.js';

/** With a bound: what it takes on disk is reserved of the `max_file_store` of NATS. docs/storage.md lists them all. */
export type BoundStream = Partial<StreamConfig> & { name: string; max_bytes: number };
/** Asked where the stream is made. Undefined: that can't be told yet. */
type FirstSequence = () => Promise<number | undefined>;

/** A stream or bucket that a part of the product needs; the server type `storage` makes it. */
export interface StreamDeclaration {
  config: BoundStream;
  /** The sequence of the stream's first message; 1 when left out. */
  firstSequence?: (nats: NatsConnection) => Promise<number | undefined>;
}

/** "stream not found" */
const notFound = 10059;
/** "stream name already in use with a different configuration" */
const nameInUse = 10058;
const retryMs = 500;
/** A wait is told when it begins, and again each so many tries. */
const tellEvery = 20;

/** Features that a stream may be given later, and that harm nobody who doesn't use them. */
const features = ['allow_direct', 'allow_msg_ttl', 'allow_atomic'] as const;

/**
 * Makes a stream. One of that name is given the features and subjects that it lacks, as an older version made it; the rest
 * of it stays: an operator may have changed its limits or replicas, and servers of several versions must not quarrel about it.
 * Where NATS doesn't let this server make streams (decision 140), it waits until another server, of the type `storage`, has made
 * it; and so it does for a NATS that is slow or coming up, and for a
 * cluster in which the stream's own server is away.
 *
 * @param firstSequence of its first message; 1 when left out
 * @throws StorageProblem when NATS has no JetStream, no room, too few servers for the replicas, or another stream with such subjects; the JetStream API's error; or the connection is closed
 */
export async function ensureStream(
  manager: JetStreamManager,
  config: BoundStream,
  firstSequence?: FirstSequence,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const reason = await createIfMissing(manager, config, firstSequence);
    if (!reason) return;
    if (tries % tellEvery === 0) {
      new Logger('storage').warn({ event: 'storage.awaited', stream: config.name, reason });
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Undefined: it is there. Else why that can't be told or made yet, or not by this server. */
async function createIfMissing(
  manager: JetStreamManager,
  config: BoundStream,
  firstSequence?: FirstSequence,
): Promise<string | undefined> {
  try {
    const standing = await findStream(manager, config.name);
    if (standing) showFill(standing);
    if (standing) return await addWhatIsMissing(manager, config, standing.config);
    if (!(await mayMake(manager, 'CREATE', config.name)))
      return 'there is none yet, and this server may not make it';
    const first = firstSequence && (await firstSequence());
    if (firstSequence && first === undefined) return 'no clock to number it by yet';
    await manager.streams.add({ num_replicas: Config.NATS_REPLICAS, ...config, first_seq: first });
    return undefined;
  } catch (error) {
    // Another server was quicker.
    if (error instanceof JetStreamApiError && error.code === nameInUse) return undefined;
    noteDenial(manager, error);
    if (isToWaitFor(error, isExpectedToStart(manager))) return (error as Error).message;
    throw storageProblem(error, config.name) ?? error;
  }
}

/** It is looked up now and then (`ensureAlways`). */
function showFill({ config: { name, max_bytes: limit, discard }, state }: StreamInfo): void {
  metrics.bytes.set({ storage: name }, state.bytes);
  metrics.limitBytes.set({ storage: name, discard }, limit);
}

async function addWhatIsMissing(
  manager: JetStreamManager,
  wanted: BoundStream,
  standing: StreamConfig,
): Promise<string | undefined> {
  const lacking = features.filter((feature) => wanted[feature] && !standing[feature]);
  // A stream that only sources others has none.
  const { subjects: heard = [] } = standing as Partial<StreamConfig>;
  const unheard = (wanted.subjects ?? []).filter((subject) => !heard.includes(subject));
  if (lacking.length === 0 && unheard.length === 0) return undefined;
  if (!(await mayMake(manager, 'UPDATE', wanted.name)))
    return 'it lacks what a newer version needs, and this server may not change it';
  await manager.streams.update(wanted.name, {
    ...(unheard.length > 0 && { subjects: [...heard, ...unheard] }),
    ...Object.fromEntries(lacking.map((feature) => [feature, true])),
  });
  return undefined;
}

/** Undefined: there is no such stream. @throws the JetStream API's other errors */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFound) return undefined;
    throw error;
  }
}
