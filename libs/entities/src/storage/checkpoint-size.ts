import { refuse } from '../live/change-state.js';
import type { LiveEntity } from '../live/live-entity.js';
import type { Checkpoint } from '../live/records.js';

/** Bytes of an entity with the answers that it keeps: NATS takes no message over 1 MB. */
const mostCheckpointBytes = 900 * 1024;

/** @param mostBytes that a checkpoint has */
export const isSurelyStorable = (mostBytes: number): boolean => mostBytes < mostCheckpointBytes;

export const isTooLargeToStore = (checkpoint: string): boolean =>
  Buffer.byteLength(checkpoint) > mostCheckpointBytes;

/** @throws RpcError ENTITY_REFUSED */
export function assertStorable(checkpoint: string): void {
  if (!isTooLargeToStore(checkpoint)) return;
  refuse(
    `it would have ${Buffer.byteLength(checkpoint)} bytes, and at most ${mostCheckpointBytes} are stored`,
  );
}

/**
 * An entity is offered to older code with its state as both know it, as it may come to be taken back.
 *
 * @throws RpcError ENTITY_REFUSED
 */
export function assertFitsOffer(live: LiveEntity, offer: Required<Checkpoint>['offer']): void {
  assertStorable(`${live.snapshot().checkpoint}${JSON.stringify(offer)}`);
}
