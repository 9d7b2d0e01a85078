import { waitForReplica } from '../writing/replica-lag.js';
import { NotRead } from './direct-reader.js';

/** Within a second. */
const mostReads = 9;

/**
 * Reads what is known to be there until a replica of NATS that has it answers.
 *
 * @param read undefined: the replica doesn't have it yet
 * @throws NotRead where none has it in time; and what `read` throws
 */
export async function untilRead<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (let reads = 1; reads <= mostReads; reads += 1) {
    await waitForReplica(reads);
    const found = await read();
    if (found !== undefined) return found;
  }
  throw new NotRead('away');
}
