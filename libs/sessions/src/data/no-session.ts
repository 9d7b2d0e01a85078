import { GameErrors } from '@ccgame/protocol';
import type { RpcError } from '@ccgame/rpc';

/** The error for values of a session that is over, or never was. */
export function noSession(): RpcError {
  return GameErrors.NOT_FOUND({ message: 'The player has no such session' });
}
