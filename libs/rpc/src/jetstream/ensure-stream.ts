import { Logger } from '@nestjs/common';
import { JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError } from '@nats-io/nats-core';

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
 * (decision 025), it waits until another server has made it; and so it does for a cluster of NATS that is coming up.
 *
 * @throws the JetStream API's error
 */
export async function ensureStream(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<void> {
  for (let tries = 0; !(await exists(manager, config.name)); tries++) {
    const reason = await make(manager, config);
    if (!reason) return;
    if (tries === 0) new Logger('storage').warn({ event: 'storage.awaited', stream: config.name, reason });
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
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

/** Undefined: it is there. Else why it can't be made yet, or not by this server. */
async function make(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<string | undefined> {
  try {
    await manager.streams.add(config);
    return undefined;
  } catch (error) {
    if (error instanceof RequestError && error.cause instanceof PermissionViolationError) {
      return error.message;
    }
    if (!(error instanceof JetStreamApiError)) throw error;
    // Another server was quicker.
    if (error.code === nameInUse) return undefined;
    if (clusterStarts.includes(error.code)) return error.message;
    throw error;
  }
}
