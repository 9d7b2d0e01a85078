import type { AnyGame, GameTypes } from '@ccgame/protocol';
import { Client } from './client.js';
import type { ConnectOptions } from './options.js';

/**
 * Opens a player's session. It returns at once: listen first, then `await client.ready` or just send.
 *
 * @throws TypeError for an option that is none, such as an address without `https://`
 */
export function connect<G extends GameTypes = AnyGame>(options: ConnectOptions): Client<G> {
  return new Client<G>(options);
}
