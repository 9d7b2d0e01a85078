import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '../errors.js';

/** A key that moves is owned again within some ms, one whose owner died within a second or three. */
const pauseMs = { first: 10, most: 150 };
const worthAnother = new Set(['NO_SERVER', 'MOVED', 'GONE']);

/**
 * Calls until somebody answers who owns the key, or the time is up.
 *
 * @param call makes one try; it is given the time that is left, ms
 * @throws RpcError the last try's
 */
export async function untilOwned(
  call: (timeLeftMs: number) => Promise<unknown>,
  timeoutMs: number,
): Promise<unknown> {
  const endsAt = performance.now() + timeoutMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(endsAt - performance.now());
    } catch (error) {
      const restMs = Math.min(pauseMs.most, pauseMs.first * 2 ** tries) * (0.5 + Math.random());
      const isOver = performance.now() + restMs >= endsAt;
      if (isOver || !(error instanceof RpcError) || !worthAnother.has(error.code)) throw error;
      await sleep(restMs);
    }
  }
}
