import { randomBytes, randomInt } from 'node:crypto';
import { BindingErrors } from '@ccgame/sessions';
import { EntityErrors } from '../errors.js';
import { EntityOf } from '../live/entity-of.js';
import type { LiveEntity } from '../live/live-entity.js';
import type { StoredInput } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { EntityRequest } from './entity-request.js';

/** The input by which an entity is made. Numbers go on from the time: another life under the same id never had them. */
export function birthInput({ n }: LiveEntity, at: number, init?: unknown, c?: StoredInput['c']): StoredInput {
  return {
    n: Math.max(n + 1, at),
    h: '',
    b: 'create',
    d: init,
    at,
    c,
    seed: randomInt(2 ** 32 - 1),
    birth: randomBytes(9).toString('hex'),
  };
}

/** Whether a request makes the entity, where there is none. */
export function mayMake({ builtIn }: Pick<EntityRequest, 'builtIn'>, { kind }: HeldEntity): boolean {
  if (builtIn === 'create') return true;
  return kind.mark.createOnCall && builtIn !== 'view';
}

/**
 * Asks the entity that a player's call would make whether it lets the player in, before anything of it is stored: else a stranger fills the
 * storage with entities of names that nobody has.
 *
 * @throws RpcError NOT_ADMITTED, NOT_BOUND; NO_ENTITY where it can't be made
 */
export function assertAdmittedAtBirth(
  live: LiveEntity,
  { asked, p = '' }: Pick<EntityRequest, 'asked' | 'p'>,
  birth: StoredInput,
): void {
  if (asked === 'by-server') return;
  // Nobody is a member of it yet.
  if (asked === 'by-binding') throw BindingErrors.NOT_BOUND();
  if (live.instance.admits === EntityOf.prototype.admits) return;
  const isAdmitted = live.wouldAdmit(p, birth);
  if (isAdmitted === undefined) throw EntityErrors.NO_ENTITY();
  if (!isAdmitted) throw EntityErrors.NOT_ADMITTED();
}
