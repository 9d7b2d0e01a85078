import { waitForReplica } from '../writing/replica-lag.js';
import { NotRead } from './direct-reader.js';

/** Within a second. */
const mostReads = 9;

/**
 * Reads again before it says no: a replica of NATS may not have yet what was written a moment ago.
 *
 * @param read undefined: it is not there, or the replica doesn't have it yet
 * @returns undefined: none had it within a second
 * @throws what `read` throws
 */
export async function readAgain<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let reads = 1; reads <= mostReads; reads += 1) {
    await waitForReplica(reads);
    const found = await read();
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Reads what is known to be there until a replica of NATS that has it answers.
 *
 * @param read undefined: the replica doesn't have it yet
 * @throws NotRead where none has it in time; and what `read` throws
 */
export async function untilRead<T>(read: () => Promise<T | undefined>): Promise<T> {
  const found = await readAgain(read);
  if (found === undefined) throw new NotRead('away');
  return found;
}
