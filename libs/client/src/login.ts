import type { LoginResult } from '@ccgame/protocol';
import { askHttp, unreachable } from './ask-http.js';
import type { ConnectOptions, Token } from './options.js';

export interface LoginOptions {
  /** The game's HTTP address, `https://play.example.com`. */
  url: string;
  /** Made by the game once and kept on the device: 8 to 128 printable characters. One device is one player. */
  deviceId: string;
}

/**
 * Logs a guest in, and makes one at the first time. `connect({ deviceId })` does so by itself.
 *
 * @throws ClientError `INVALID`, `RATE_LIMITED`, `BANNED`, or UNREACHABLE
 */
export async function login({ url, deviceId }: LoginOptions): Promise<LoginResult> {
  const address = new URL('/v1/login', url);
  const result = (await askHttp(address, { body: { deviceId } })) as Partial<LoginResult>;
  if (typeof result.token !== 'string') throw unreachable(address);
  return result as LoginResult;
}

/** The token of a client: the game's own, or that of the guest whom the device logs in. */
export function tokenOf({ url, token, deviceId = '' }: ConnectOptions): Token {
  return token ?? (async () => (await login({ url, deviceId })).token);
}
