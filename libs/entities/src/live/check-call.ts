import { type HandlerContract, isCompilable, isDtoClass, payloadCheckOf } from '@ccgame/rpc';
import { type EntityHandlerInfo, entityInfoOf } from '../contract/entity-contract.js';

/** False: the handler doesn't take it. A rule that can't be checked at once is left to the target. */
type QuickCheck = (payload: unknown) => boolean;

const checks = new WeakMap<HandlerContract, QuickCheck>();

/**
 * Refuses a call that can't be stored: there is nobody who could be told of a mistake later.
 *
 * @returns the entity part of its contract
 * @throws Error where its handler is for players or keeps no inputs, or doesn't take the payload
 */
export function assertStorable(contract: HandlerContract, payload: unknown): EntityHandlerInfo {
  const info = entityInfoOf(contract);
  if (!info || info.input !== 'stored' || info.builtIn || contract.scope !== 'server') {
    throw new Error(`${contract.handler} is no serverHandler of an entity with stored inputs`);
  }
  const check = checks.get(contract) ?? quickCheckOf(contract);
  checks.set(contract, check);
  if (!check(payload)) throw new Error(`${contract.handler} does not take that payload`);
  return info;
}

function quickCheckOf({ payload: shape }: HandlerContract): QuickCheck {
  const check = payloadCheckOf(shape);
  const item: unknown = Array.isArray(shape) ? shape[0] : shape;
  const isQuick = isDtoClass(item) && isCompilable(item);
  return (payload) => {
    try {
      const checked = check(payload);
      if (!(checked instanceof Promise)) return true;
      checked.catch(() => undefined);
      // A compiled check gives a promise only to explain what is wrong.
      return !isQuick;
    } catch {
      return false;
    }
  };
}
