import { WriteConflict } from '@ccgame/ownership';
import type { Checkpoint } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { PartitionStore } from '../storage/entity-store.js';
import { stoppedForSeconds } from './stop-room.js';

/**
 * Has the record of a stopped room say that all it had to send has arrived; else each successor in each version sends that again, for as
 * long as the record is kept. It is written over what was read there and changes nothing else, so it needs no fence.
 */
export async function storeStopSent(
  held: HeldEntity,
  store: Pick<PartitionStore, 'subjects' | 'write'>,
): Promise<void> {
  const { committedState } = held;
  if (!held.isStopStored || held.isStopSent || !held.hasSentAll || committedState === undefined) return;
  held.isStopSent = true;
  const { calls, outputs, ...rest } = JSON.parse(committedState) as Checkpoint;
  if (calls === undefined && outputs.length === 0) return;
  const payload = JSON.stringify({ ...rest, outputs: [] } satisfies Checkpoint);
  const subject = store.subjects.state(held.key, held.isRoom);
  try {
    held.storedSeq = await store.write([
      { subject, payload, expected: held.storedSeq, ttlSeconds: stoppedForSeconds },
    ]);
  } catch (error) {
    // Another version has written it; or NATS is away, and the next try may tell.
    held.isStopSent = error instanceof WriteConflict;
  }
}
