import { Client } from './client.js';
import type { ConnectOptions } from './options.js';

/**
 * Opens a player's session. It returns at once: listen first, then `await client.ready` or just send.
 *
 * @throws TypeError for an option that is none, such as an address without `https://`
 */
export function connect(options: ConnectOptions): Client {
  return new Client(options);
}
