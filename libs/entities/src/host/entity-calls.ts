import { rpcContext, type RpcService } from '@ccgame/rpc';
import { sourceAttributes } from '../call/call-attributes.js';
import type { EntityCalls } from '../partition/call-sender.js';

/** One try lasts so long, ms: the owner of the target may be replaced meanwhile. */
const tryMs = 5_000;

/** Calls the owners of other entities for those of this server. */
export function entityCalls(rpc: RpcService): EntityCalls {
  return {
    async deliverCall({ serverType, handler, entity, id, key, d }, source) {
      // Outside of the call that it came from: it has a deadline and attributes of its own.
      await rpcContext.run({ attributes: sourceAttributes(id, source) }, () =>
        rpc.callOwner({ serverType, handler, key }, d ?? undefined, {
          timeoutMs: tryMs,
          object: `${entity}.${id}`,
        }),
      );
    },
    async settleCall({ serverType, entity, id, key }, source) {
      await rpcContext.run({ attributes: sourceAttributes(id, source) }, () =>
        rpc.callOwner({ serverType, handler: `${entity}_settle`, key }, '', {
          timeoutMs: tryMs,
          object: `${entity}.${id}`,
        }),
      );
    },
  };
}
