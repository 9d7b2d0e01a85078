import { EntityErrors } from '../errors.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** @throws RpcError ENTITY_STOPPED where servers hung in the entity */
export function assertNotPaused({ isPaused }: Pick<HeldEntity, 'isPaused'>): void {
  if (isPaused) throw EntityErrors.ENTITY_STOPPED();
}
