import type { LoginResult } from '@ccgame/protocol';
import { checkUrl } from './check-options.js';
import { elapsedMs } from './clock.js';
import { keptDeviceId } from './device-id.js';
import { GameHttp } from './game-http.js';
import type { ConnectOptions, Token } from './options.js';
import type { Fetch } from './platform.js';
import { latestRenewal } from './token-renewer.js';

/** The device that logs in, and where. */
export interface LoginOptions {
  /** The game's HTTP address, `https://play.example.com`, without a path. */
  url: string;
  /** Made by the game once and kept on the device: 8 to 128 printable characters. One device is one player. */
  deviceId: string;
  /** Where the platform has none. */
  fetch?: Fetch;
}

/**
 * Logs a guest in, and makes one at the first time. `connect({ deviceId })` does so by itself.
 *
 * It may always be called again: the device stays the same guest.
 *
 * @throws ClientError `INVALID`, `RATE_LIMITED`, `BANNED`, or UNREACHABLE; `retryable` after any failure of the servers. TypeError for an
 * address that is none
 */
export async function login({ deviceId, ...address }: LoginOptions): Promise<LoginResult> {
  checkUrl('login', address.url);
  const http = new GameHttp(address);
  const result = (await http.askServer('/v1/login', { body: { deviceId } })) as Partial<LoginResult>;
  if (typeof result.token !== 'string') throw http.unreachable('/v1/login');
  return result as LoginResult;
}

/**
 * The token of a client: the game's own, or that of the guest whom the device logs in. A guest's is good for more than one connection, so
 * that a break or a move needs no http server.
 */
export function tokenOf(options: ConnectOptions): Token {
  const { url, fetch, token, deviceId } = options;
  if (token !== undefined) return token;
  let last: { token: string; untilMs: number } | undefined;
  let own = deviceId;
  /** The login that runs: at the first launch two would make two guests. */
  let running: Promise<string> | undefined;
  const logIn = async (): Promise<string> => {
    const askedAt = elapsedMs();
    if (deviceId === undefined) own = await keptDeviceId(options, own);
    const { token: fresh, expiresInSeconds } = await login({ url, fetch, deviceId: own as string });
    last = { token: fresh, untilMs: askedAt + expiresInSeconds * 1_000 * latestRenewal };
    return fresh;
  };
  return (reason) => {
    if (reason === 'connect' && last && elapsedMs() < last.untilMs) return last.token;
    return (running ??= logIn().finally(() => (running = undefined)));
  };
}
