import { setTimeout as sleep } from 'node:timers/promises';
import { untilRead } from '@ccgame/jetstream';
import { noteRetry } from '@ccgame/nats';
import { WriteConflict } from '@ccgame/ownership';
import type { PartitionStore } from './entity-store.js';

/** The key of the partition under which this record stands: it is of all of them. */
export const allPartitions = 'all';
const key = 'partitions.count';
/** NATS or the database may blink while a server starts. */
const retry = { pauseMs: 500, times: 20 };

type RecordStore = Pick<PartitionStore, 'subjects' | 'write' | 'readState'>;

/**
 * Refuses another number of partitions than the first server of the type had: by it, each entity would be looked for where it is not, and those that a
 * call creates would begin anew.
 *
 * @throws Error with both numbers; what the store's `write` and `readState` throw
 */
export async function assertPartitions(store: RecordStore, count: number): Promise<void> {
  const known = await countOf(store, count);
  if (known === count) return;
  throw new Error(
    `The entities are stored in ${known} partitions, and entity({ partitions }) says ${count}: it can't be changed, as none of them would be found`,
  );
}

async function countOf(store: RecordStore, count: number): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await writeOrRead(store, count);
    } catch (error) {
      if (tries === retry.times) throw error;
      noteRetry('entity-partitions', error);
      await sleep(retry.pauseMs);
    }
  }
}

async function writeOrRead(store: RecordStore, count: number): Promise<number> {
  const payload = JSON.stringify({ partitions: count });
  try {
    await store.write([{ subject: store.subjects.state(key, true), payload, expected: 0 }]);
    return count;
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    const known = await untilRead(async () => (await store.readState(key, true, 0)).checkpoint);
    return (known as unknown as { partitions: number }).partitions;
  }
}
