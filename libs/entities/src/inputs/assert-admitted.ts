import { BindingErrors } from '@ccgame/sessions';
import { EntityErrors } from '../errors.js';
import type { LiveEntity } from '../live/live-entity.js';
import type { EntityRequest } from './entity-request.js';

/** @throws RpcError NOT_ADMITTED, or NOT_BOUND for a player who left the room or is in another one by now */
export function assertAdmitted(
  live: LiveEntity,
  { asked, p = '' }: Pick<EntityRequest, 'asked' | 'p'>,
): void {
  if (asked === 'by-id' && !live.admits(p)) throw EntityErrors.NOT_ADMITTED();
  if (asked === 'by-binding' && !live.isMember(p)) throw BindingErrors.NOT_BOUND();
}
