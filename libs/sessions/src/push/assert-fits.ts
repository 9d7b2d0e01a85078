import type { NatsConnection } from '@nats-io/nats-core';
import { RpcError } from '@ccgame/rpc';

/** Bytes of one push as JSON; the push log's messages are kept in memory by replays. */
const maxBytes = 256 * 1024;
/** Bytes of NATS's own limit that are left for the headers of the push and those that republishing adds. */
const headerBytes = 1_024;

/** @throws RpcError TOO_LARGE for more than one push may have */
export function assertFits(body: string, nats: NatsConnection): void {
  const bytes = Buffer.byteLength(body);
  const limit = Math.min(maxBytes, (nats.info?.max_payload ?? Infinity) - headerBytes);
  if (bytes <= limit) return;
  throw new RpcError('TOO_LARGE', { message: 'The push is too large', details: { bytes, limit } });
}
