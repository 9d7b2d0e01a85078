import type { TokenRenewed } from '@ccgame/protocol';

/** Times of two clocks can't be compared: the client is told how long it has. @param tokenExpiresAt epoch ms, or Infinity */
export function expiryOf(tokenExpiresAt: number): TokenRenewed {
  return tokenExpiresAt === Infinity ? {} : { tokenExpiresInMs: Math.max(0, tokenExpiresAt - Date.now()) };
}
