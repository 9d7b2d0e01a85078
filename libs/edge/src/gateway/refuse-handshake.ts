import { Logger } from '@nestjs/common';
import { asRpcError, RpcError } from '@ccgame/rpc';
import type { Socket } from 'socket.io';
import { metrics } from '../metrics.js';

/** A plain client that is to come back later is held so long at most, ms: it doesn't read when that is. */
const longestHoldMs = 3_000;

/**
 * Refuses a handshake. The SDK reads why, and comes back by itself. To a plain socket.io client every refusal is final, so
 * where it may try again its transport ends instead, and socket.io reconnects.
 */
export function refuseHandshake(
  socket: Socket,
  isSdk: boolean,
  error: unknown,
  next: (error: Error) => void,
): void {
  const problem = asRpcError(error) ?? new RpcError('INTERNAL', { retryable: true });
  if (problem !== error) new Logger('gateway').error(error);
  const { code, retryable, details, retryAfterMs = 0 } = problem.toPublic();
  metrics.handshakes.inc({ result: code });
  // socket.io gives `message` and `data` to the client's `connect_error`.
  const refusal = Object.assign(new Error(code), {
    data: { code, retryable, details, ...(retryAfterMs > 0 && { retryAfterMs }) },
  });
  if (isSdk || !retryable) return next(refusal);
  setTimeout(
    () => {
      socket.conn.close();
      // socket.io lets go of a socket whose connection has ended.
      next(refusal);
    },
    Math.min(retryAfterMs, longestHoldMs),
  ).unref();
}
