import { Logger } from '@nestjs/common';
import { asRpcError, httpStatusOf, RpcError } from '@ccgame/rpc';
import type { Socket } from 'socket.io';
import { metrics } from '../metrics.js';

/** A plain client that is to come back later is held so long at most, ms: it doesn't read when that is. */
const longestHoldMs = 3_000;

/**
 * Refuses a handshake. A failure of the servers, such as GONE of a call that a game's hook made, may be tried again: the session isn't open,
 * so nothing is done twice. The SDK reads why, and comes back by itself. To a plain socket.io client every refusal is final, so
 * where it may try again its transport ends instead, and socket.io reconnects.
 */
export function refuseHandshake(
  socket: Socket,
  isSdk: boolean,
  error: unknown,
  next: (error: Error) => void,
): void {
  const problem = asRpcError(error) ?? new RpcError('INTERNAL');
  if (problem !== error) new Logger('gateway').error(error);
  const { code, details, retryAfterMs = 0, ...told } = problem.toPublic();
  const retryable = told.retryable || httpStatusOf(code) >= 500;
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
