import type { RpcService } from '@ccgame/rpc';
import type { VersionCalls } from '../partition/entity-mover.js';
import { takeHandler, tryTakingHandler } from './move.contract.js';

/** The entity stands still meanwhile: one that isn't taken by then goes on where it was. */
const takeMs = 3_000;
const tryMs = 5_000;

/** Calls the owner of the same partition in other versions. */
export function versionCalls(rpc: RpcService, serverType: string, key: string): VersionCalls {
  const take = takeHandler(serverType);
  const tryTaking = tryTakingHandler(serverType);
  return {
    tryTaking: (version, entity, stateVersion) =>
      rpc.callOwner(
        { handler: tryTaking, key, version },
        { partition: key, entity, stateVersion },
        { timeoutMs: tryMs },
      ),
    take: (version, entity, seq) =>
      rpc.callOwner({ handler: take, key, version }, { partition: key, entity, seq }, { timeoutMs: takeMs }),
  };
}
