import type { StreamInfo, StreamState } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { parseAnswer, requestApi } from './api-request.js';
import type { SnapshotHead } from './snapshot-stream.js';

const answerMs = 10_000;
/** A cluster makes the stream's copies before it says that it is done. */
const doneMs = 120_000;

/**
 * Makes a stream of a snapshot, with the sequences, times and headers that its messages had. Messages that are older than the
 * stream's `max_age`, or than their own time to live, are gone at once.
 *
 * @param pieces of the archive, in order, 1 MB each at most
 * @throws JetStreamApiError when there is a stream of that name, when NATS has no room, and for a damaged archive
 */
export async function restoreStream(
  nats: NatsConnection,
  { config, state }: SnapshotHead,
  pieces: AsyncIterable<Uint8Array>,
): Promise<StreamState> {
  const { deliver_subject: target } = await requestApi<{ deliver_subject: string }>(
    nats,
    `STREAM.RESTORE.${config.name}`,
    { config, state },
    answerMs,
  );
  for await (const piece of pieces) parseAnswer(await nats.request(target, piece, { timeout: answerMs }));
  return parseAnswer<StreamInfo>(await nats.request(target, undefined, { timeout: doneMs })).state;
}
