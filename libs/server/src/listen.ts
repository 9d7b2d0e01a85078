import { once } from 'node:events';
import { createServer } from 'node:net';
import { Config } from '@ccgame/config';

/**
 * The host to listen on: the configured one, or for all addresses of the machine `::`, which takes IPv4 too, or `0.0.0.0` where IPv6 is
 * switched off, in the kernel or for this container.
 */
export async function listenHost(): Promise<string> {
  if (Config.LISTEN_HOST !== undefined) return Config.LISTEN_HOST;
  const trial = createServer().listen({ port: 0, host: '::' });
  try {
    await once(trial, 'listening');
  } catch {
    return '0.0.0.0';
  }
  trial.close();
  return '::';
}

/** How long a request may take to arrive, ms: its headers, and all of it. Then Node answers 408 and ends the connection. */
export const requestLimits = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  /** Node looks so often; by its own 30 s a request would be open for as much longer. */
  connectionsCheckingInterval: 1_000,
};
