import { type SocketSession, targetOfRoute } from '@ccgame/edge';
import type { GatewayMessageDto } from '@ccgame/protocol';
import type { Target } from '@ccgame/rpc';

/**
 * Chooses the server that answers a player's message. As it stands, `matching.user_join_matching` goes to any matching server of the
 * version that the call carries: the session's, or the message's own where the release table lets it, or what the table says
 * stands in for that. A session that is bound to a server of the type has its messages go there.
 *
 * @throws RpcError UNKNOWN_ROUTE
 */
export function route(message: GatewayMessageDto, session: SocketSession): Target<string> {
  return targetOfRoute(message, session);
}
