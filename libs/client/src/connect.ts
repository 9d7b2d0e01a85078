import { Client } from './client.js';
import type { ConnectOptions } from './options.js';

/** Opens a player's session. It returns at once: listen first, then `await client.ready` or just send. */
export function connect(options: ConnectOptions): Client {
  return new Client(options);
}
