import { Logger } from '@nestjs/common';
import { JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError, TimeoutError } from '@nats-io/nats-core';
import { Config } from '#config';

type NamedStream = Partial<StreamConfig> & { name: string };

/** "stream not found" */
const notFound = 10059;
/** "stream name already in use with a different configuration" */
const nameInUse = 10058;
/** "no suitable peers for placement" and "JetStream system temporarily unavailable": a cluster of NATS that comes up. */
const clusterStarts = [10005, 10008];
const retryMs = 500;

/**
 * Makes a stream, or leaves the one of that name as it is: an operator may have changed its limits or replicas, and
 * servers of several versions must not quarrel about it. Where NATS doesn't let this server make streams, as a connector
 * (decision 025), it waits until another server has made it; and so it does for a cluster of NATS that is coming up, or in
 * which the stream's own server is away.
 *
 * @throws the JetStream API's error
 */
export async function ensureStream(manager: JetStreamManager, config: NamedStream): Promise<void> {
  for (let tries = 0; ; tries++) {
    const reason = await make(manager, config);
    if (!reason) return;
    if (tries === 0) new Logger('storage').warn({ event: 'storage.awaited', stream: config.name, reason });
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Undefined: it is there. Else why that can't be told or made yet, or not by this server. */
async function make(manager: JetStreamManager, config: NamedStream): Promise<string | undefined> {
  try {
    if (!(await exists(manager, config.name)))
      await manager.streams.add({ num_replicas: Config.NATS_REPLICAS, ...config });
    return undefined;
  } catch (error) {
    // Another server was quicker.
    if (error instanceof JetStreamApiError && error.code === nameInUse) return undefined;
    if (error instanceof Error && isToWaitFor(error)) return error.message;
    throw error;
  }
}

function isToWaitFor(error: Error): boolean {
  if (error instanceof RequestError) return error.cause instanceof PermissionViolationError;
  if (error instanceof JetStreamApiError) return clusterStarts.includes(error.code);
  return error instanceof TimeoutError;
}

async function exists(manager: JetStreamManager, name: string): Promise<boolean> {
  try {
    await manager.streams.info(name);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFound) return false;
    throw error;
  }
}
