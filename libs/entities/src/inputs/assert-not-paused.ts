import { RpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** Until pushes that the push log refused may have been sent, ms. */
const heldBackForMs = 1_000;

/** @throws RpcError ENTITY_STOPPED where servers hung in the entity */
export function assertNotPaused({ isPaused }: Pick<HeldEntity, 'isPaused'>): void {
  if (isPaused) throw EntityErrors.ENTITY_STOPPED();
}

/** @throws RpcError BUSY where too much that the entity pushed waits to be sent */
export function assertNotHeldBack({ isHeldBack }: Pick<HeldEntity, 'isHeldBack'>): void {
  if (isHeldBack) throw new RpcError('BUSY', { message: 'Its pushes wait', retryAfterMs: heldBackForMs });
}
