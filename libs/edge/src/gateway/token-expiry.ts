import type { TokenRenewed } from '@ccgame/protocol';

/**
 * The end of a token by `performance.now()`, which no change of the machine's clock moves. Infinity where a studio's own verifier gives
 * none.
 *
 * @param expiresAt epoch ms by this machine's clock
 */
export function endOfToken(expiresAt: unknown): number {
  const hasEnd = typeof expiresAt === 'number' && expiresAt > 0;
  return hasEnd ? performance.now() + expiresAt - Date.now() : Infinity;
}

/** Times of two clocks can't be compared: the client is told how long it has. @param tokenEndsAt see {@link endOfToken} */
export function expiryOf(tokenEndsAt: number): TokenRenewed {
  if (tokenEndsAt === Infinity) return {};
  return { tokenExpiresInMs: Math.max(0, Math.round(tokenEndsAt - performance.now())) };
}
