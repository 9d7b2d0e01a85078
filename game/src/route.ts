import type { GatewayMessageDto } from '@ccgame/protocol';
import { GameErrors } from '@ccgame/protocol';
import { clientTarget, type Target } from '@ccgame/rpc';

/**
 * Which server answers a player's message. A studio edits this one function.
 *
 * As it stands, `matching.user_join_matching` goes to any matching server of the version that the call carries: the
 * session's, or the message's own where the release table lets it, or what the table says stands in for that.
 *
 * @throws RpcError UNKNOWN_ROUTE
 */
export function route(message: GatewayMessageDto): Target<string> {
  try {
    return clientTarget(message.route);
  } catch {
    throw GameErrors.UNKNOWN_ROUTE({
      details: { detail: 'A route looks like matching.user_join_matching.' },
    });
  }
}
