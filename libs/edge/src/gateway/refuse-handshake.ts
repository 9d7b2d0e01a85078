import { Logger } from '@nestjs/common';
import { asRpcError, codeLabel, httpStatusOf, RpcError } from '@ccgame/rpc';
import { isBadToken } from '@ccgame/sessions';
import type { Socket } from 'socket.io';
import { metrics } from '../metrics.js';

/** A plain client that is to come back later is held so long at most, ms: it doesn't read when that is. */
const longestHoldMs = 3_000;

/**
 * Refuses a handshake. A failure of the servers, such as GONE of a call that a game's hook made, may be tried again: the session isn't open,
 * so nothing is done twice. The SDK reads why, and comes back by itself. To a plain socket.io client every refusal is final, so
 * where it may try again its transport ends instead, and socket.io reconnects.
 *
 * @param next with the refusal, and whether its token was a bad one ({@link isBadToken})
 */
export function refuseHandshake(
  socket: Socket,
  isSdk: boolean,
  error: unknown,
  next: (error: Error, isBad: boolean) => void,
): void {
  const problem = asRpcError(error) ?? new RpcError('INTERNAL');
  if (problem !== error) new Logger('gateway').error(error);
  const { code, details, retryAfterMs = 0, ...told } = problem.toPublic();
  const retryable = told.retryable || httpStatusOf(code) >= 500;
  metrics.handshakes.inc({ result: codeLabel(code) });
  // socket.io gives `message` and `data` to the client's `connect_error`.
  const refusal = Object.assign(new Error(code), {
    data: { code, retryable, details, ...(retryAfterMs > 0 && { retryAfterMs }) },
  });
  const isBad = isBadToken(error);
  if (isSdk || !retryable) return next(refusal, isBad);
  setTimeout(
    () => {
      socket.conn.close();
      // socket.io lets go of a socket whose connection has ended.
      next(refusal, isBad);
    },
    Math.min(retryAfterMs, longestHoldMs),
  ).unref();
}
