import { Logger } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';
import { within } from '@ccgame/rpc/basics';

/** Longer than a call to a server may take; a game's own code or a read that never ends must not keep a handshake's slot, or a place in flight. */
const longestMs = 10_000;

/** Waits for a game's own code or the missed pushes in a handshake, or as a token is renewed. @throws RpcError BUSY when that takes too long, or what it throws */
export function inTime<T>(part: string, work: T | Promise<T>, ms = longestMs): Promise<T> {
  return within(
    ms,
    () => work,
    () => {
      new Logger('gateway').warn({ event: 'gateway.stuck', part, ms });
      throw new RpcError('BUSY', { message: `The ${part} took too long`, retryAfterMs: 1_000 });
    },
  );
}
