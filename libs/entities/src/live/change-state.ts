import { errorText } from '@ccgame/config';
import { asRpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import type { EntityMark } from '../contract/decorators.js';
import type { EntityOf } from './entity-of.js';
import { plainState } from './plain-state.js';

/** A state, and by which code it was written. */
export interface VersionedState {
  state: object;
  stateVersion: number;
}

/** The state as a class knows it, made of one that the same or older code left. @throws RpcError ENTITY_REFUSED */
export function upgradeState(instance: EntityOf, { stateVersion }: EntityMark, from: VersionedState): object {
  if (from.stateVersion === stateVersion) return from.state;
  if (from.stateVersion > stateVersion) refuse(`its state is of version ${from.stateVersion}`);
  assertUpgrades(instance, from.stateVersion);
  return change('upgrade', () => instance.upgrade?.(from.state, from.stateVersion));
}

/** The state as older code knows it; undefined: that code takes it as it is. @throws RpcError ENTITY_REFUSED */
export function downgradeState(
  instance: EntityOf,
  { stateVersion }: EntityMark,
  to: number,
): VersionedState | undefined {
  if (to >= stateVersion) return undefined;
  assertDowngrades(instance, to);
  const copy = JSON.parse(JSON.stringify(instance.state)) as object;
  return { state: change('downgrade', () => instance.downgrade?.(copy, to)), stateVersion: to };
}

/** @throws RpcError ENTITY_REFUSED */
export function assertUpgrades(instance: EntityOf, from: number): void {
  if (!instance.upgrade) refuse(`the class has no upgrade from state version ${from}`);
}

/** @throws RpcError ENTITY_REFUSED */
export function assertDowngrades(instance: EntityOf, to: number): void {
  if (!instance.downgrade) refuse(`the class has no downgrade to state version ${to}`);
}

/** Gives the new state as it will be stored: JSON. */
function change(method: string, work: () => unknown): object {
  try {
    return plainState(method, work()).state;
  } catch (error) {
    refuse(`${method} threw: ${errorText(error)}`);
  }
}

/** Refuses an input; the caller reads the reason. @throws RpcError ENTITY_REFUSED */
export function refuse(reason: string): never {
  throw EntityErrors.ENTITY_REFUSED({ message: reason, details: { reason: reason.slice(0, 200) } });
}

/** Why an entity isn't taken, in a clause. */
export function reasonOf(error: unknown): string {
  const known = asRpcError(error);
  const { reason } = Object(known?.details) as { reason?: string };
  return reason ?? known?.code ?? errorText(error);
}
