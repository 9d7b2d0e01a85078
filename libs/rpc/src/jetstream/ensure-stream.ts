import { JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';

/** "stream name already in use with a different configuration" */
const nameInUse = 10058;

/**
 * Makes a stream, or leaves the one of that name as it is: an operator may have changed its limits or replicas, and
 * servers of several versions must not quarrel about it.
 */
export async function ensureStream(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
): Promise<void> {
  try {
    await manager.streams.add(config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== nameInUse) throw error;
  }
}
