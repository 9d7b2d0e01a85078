import { setTimeout as sleep } from 'node:timers/promises';
import { StorageProblem, untilRead } from '@ccgame/jetstream';
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
 * @throws StorageProblem with both numbers; what the store's `write` and `readState` throw
 */
export async function assertPartitions(store: RecordStore, count: number): Promise<void> {
  const known = await countOf(store, count);
  if (known === count) return;
  throw new StorageProblem(
    `The entities of this server type are stored in ${known} partitions, and entity({ partitions }) says ${count}: set it back to ${known}, as many of them would not be found.`,
  );
}

async function countOf(store: RecordStore, count: number): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      // A store that is full takes no write.
      return (await readCount(store)) ?? (await writeOrRead(store, count));
    } catch (error) {
      if (tries === retry.times) throw error;
      noteRetry('entity-partitions', error);
      await sleep(retry.pauseMs);
    }
  }
}

/** Undefined: nothing stands there, or a replica is behind. */
async function readCount(store: RecordStore): Promise<number | undefined> {
  const { checkpoint } = await store.readState(key, true, 0);
  return (checkpoint as unknown as { partitions: number } | undefined)?.partitions;
}

async function writeOrRead(store: RecordStore, count: number): Promise<number> {
  const payload = JSON.stringify({ partitions: count });
  try {
    await store.write([{ subject: store.subjects.state(key, true), payload, expected: 0 }]);
    return count;
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    return untilRead(() => readCount(store));
  }
}
