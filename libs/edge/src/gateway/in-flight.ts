import { RpcError } from '@ccgame/rpc';

/** Messages of one player that are at work, or wait for their answers. */
export const maxInFlight = 256;

/** Refuses one more than {@link maxInFlight}. */
export function tooManyInFlight(): RpcError {
  return new RpcError('BUSY', { retryAfterMs: 1_000 });
}
