import type { LoginResult } from '@ccgame/protocol';
import { keptDeviceId } from './device-id.js';
import { GameHttp } from './game-http.js';
import type { ConnectOptions, Token } from './options.js';
import type { Fetch } from './platform.js';

/** The device that logs in, and where. */
export interface LoginOptions {
  /** The game's HTTP address, `https://play.example.com`. */
  url: string;
  /** Made by the game once and kept on the device: 8 to 128 printable characters. One device is one player. */
  deviceId: string;
  /** Where the platform has none. */
  fetch?: Fetch;
}

/**
 * Logs a guest in, and makes one at the first time. `connect({ deviceId })` does so by itself.
 *
 * @throws ClientError `INVALID`, `RATE_LIMITED`, `BANNED`, or UNREACHABLE
 */
export async function login({ deviceId, ...address }: LoginOptions): Promise<LoginResult> {
  const http = new GameHttp(address);
  const result = (await http.askServer('/v1/login', { body: { deviceId } })) as Partial<LoginResult>;
  if (typeof result.token !== 'string') throw http.unreachable('/v1/login');
  return result as LoginResult;
}

/** The token of a client: the game's own, or that of the guest whom the device logs in. */
export function tokenOf(options: ConnectOptions): Token {
  const { url, fetch, token, deviceId } = options;
  if (token !== undefined) return token;
  return async () => {
    const own = deviceId ?? (await keptDeviceId(options));
    return (await login({ url, fetch, deviceId: own })).token;
  };
}
