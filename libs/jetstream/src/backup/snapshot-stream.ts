import type { StreamConfig, StreamState } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { privateInbox } from '@ccgame/nats';
import { within } from '@ccgame/rpc/basics';
import { requestApi } from './api-request.js';

/** The configuration and state that a snapshot begins with; a restore is given the same. */
export interface SnapshotHead {
  config: StreamConfig;
  state: StreamState;
}

const answerMs = 10_000;
/** NATS sends a piece as soon as an earlier one is acknowledged: so long a silence is a connection that broke. */
const silenceMs = 20_000;

/**
 * Copies a stream as it is at one moment, in NATS' own archive format. NATS sends no more than 8 MB ahead of what was kept.
 *
 * @param keepPiece is given the archive's bytes in order; the next piece is asked for when it resolves
 * @throws JetStreamApiError when NATS refuses; Error when the snapshot ends too early
 */
export async function snapshotStream(
  nats: NatsConnection,
  name: string,
  keepPiece: (piece: Uint8Array) => Promise<unknown>,
): Promise<SnapshotHead> {
  const inbox = privateInbox(nats);
  const subscription = nats.subscribe(inbox);
  const pieces = subscription[Symbol.asyncIterator]();
  try {
    // Streams are read without consumers (decision 025).
    const question = { deliver_subject: inbox, no_consumers: true };
    const { config, state } = await requestApi<SnapshotHead>(
      nats,
      `STREAM.SNAPSHOT.${name}`,
      question,
      answerMs,
    );
    for (;;) {
      const piece = await nextPiece(pieces, name);
      if (piece.data.length === 0) {
        assertWhole(piece, name);
        return { config, state };
      }
      await keepPiece(piece.data);
      piece.respond();
    }
  } finally {
    subscription.unsubscribe();
  }
}

async function nextPiece(pieces: AsyncIterator<Msg>, name: string): Promise<Msg> {
  const failLate = (): never => {
    throw new Error(`The snapshot of ${name} stopped in the middle.`);
  };
  const next = await within(silenceMs, () => pieces.next(), failLate);
  if (next.done) throw new Error(`The connection closed in the middle of the snapshot of ${name}.`);
  return next.value;
}

/** The end has a status: 204, or why NATS gave up. A stream that fits into one piece ends without any. */
function assertWhole({ headers }: Msg, name: string): void {
  if (headers && headers.code !== 204)
    throw new Error(`NATS gave up the snapshot of ${name}: ${headers.code} ${headers.description}`);
}
