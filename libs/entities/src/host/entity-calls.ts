import { rpcContext, type RpcService } from '@ccgame/rpc';
import { sourceAttributes } from '../call/call-attributes.js';
import type { CallSource, OutgoingCall } from '../live/records.js';
import type { EntityCalls } from '../partition/call-sender.js';

/** One try lasts so long, ms: the owner of the target may be replaced meanwhile. */
const tryMs = 5_000;

/** Calls the owners of other entities for those of this server. */
export function entityCalls(rpc: RpcService): EntityCalls {
  const callTarget = async (
    { serverType, entity, id, key }: OutgoingCall,
    source: CallSource,
    handler: string,
    payload: unknown,
  ): Promise<void> => {
    const choice = { timeoutMs: tryMs, object: `${entity}.${id}` };
    // Outside of the call that it came from: it has a deadline and attributes of its own.
    await rpcContext.run({ ownAttributes: sourceAttributes(id, source) }, () =>
      rpc.callOwner({ serverType, handler, key }, payload, choice),
    );
  };
  return {
    deliverCall: (call, source) => callTarget(call, source, call.handler, call.d ?? undefined),
    settleCall: (call, source) => callTarget(call, source, `${call.entity}_settle`, ''),
  };
}
