import { invalid } from '@ccgame/rpc';

/** Names that clients take for something else: the protocol's, and those that socket.io tells by itself. */
const ownEvents = new Set(['Push', 'Response', 'Position', 'connect', 'connect_error', 'disconnect']);

/** @throws RpcError INVALID for a name that is the protocol's, or socket.io's */
export function assertGameEvent(event: string): void {
  if (ownEvents.has(event)) throw invalid([{ field: 'event', rule: 'this name is the protocol’s own' }]);
}
