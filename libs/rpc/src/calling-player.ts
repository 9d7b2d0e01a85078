import { rpcContext } from './context.js';
import { RpcError } from './errors.js';

/**
 * The id of the player whose call is being handled: the connector says so, no client can. In an entity's handler take
 * `{ callingPlayer }` of its `EntityCall` instead, which is the same when a successor plays the inputs again.
 *
 * @throws RpcError FORBIDDEN where no player asks: a server for itself, a job, a timer
 */
export function callingPlayer(): string {
  const { uid } = rpcContext.get().attributes;
  if (uid === undefined) throw new RpcError('FORBIDDEN', { message: 'Only a player may ask this' });
  return uid;
}
