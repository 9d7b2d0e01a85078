import { codeOf, type RpcService } from '@ccgame/rpc';
import type { VersionCalls } from '../partition/entity-mover.js';
import { type OfferDto, takeHandler, tryTakingHandler } from './move.contract.js';

/** The entity stands still meanwhile: one that isn't taken by then goes on where it was. */
const takeMs = 3_000;
const tryMs = 5_000;
/** A larger state is read by the server that takes it, characters of JSON. */
const mostTold = 64 * 1024;

/** Calls the owner of the same partition in other versions. */
export function versionCalls(rpc: RpcService, serverType: string, key: string): VersionCalls {
  const take = takeHandler(serverType);
  const tryTaking = tryTakingHandler(serverType);
  const callTake = (version: string, offer: OfferDto): Promise<void> =>
    rpc.callOwner({ handler: take, key, version }, offer, { timeoutMs: takeMs });
  return {
    tryTaking: (version, entity, stateVersion) =>
      rpc.callOwner(
        { handler: tryTaking, key, version },
        { partition: key, entity, stateVersion },
        { timeoutMs: tryMs },
      ),
    take: async (version, entity, { seq, state = '' }) => {
      const offer = { partition: key, entity, seq };
      if (state === '' || state.length > mostTold) return callTake(version, offer);
      try {
        await callTake(version, { ...offer, state });
      } catch (error) {
        // A server of older code knows no `state`.
        if (codeOf(error) !== 'INVALID') throw error;
        await callTake(version, offer);
      }
    },
  };
}
