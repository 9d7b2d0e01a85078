import { GameErrors } from '@ccgame/protocol';
import type { RpcError } from '@ccgame/rpc';

export function noSession(): RpcError {
  return GameErrors.NOT_FOUND({ message: 'The player has no such session' });
}
