import { RpcError } from '@ccgame/rpc/basics';
import { waitForReplica } from './replica-lag.js';

const tries = 8;

/**
 * Tries a compare-and-set until nobody else comes in between, or a read until a replica has what another one wrote; for some 0.6 s.
 *
 * @param write false: somebody wrote first, or a replica of NATS is behind; each try looks anew at what is stored
 * @throws RpcError BUSY, retryable, when others keep writing; and what `write` throws
 */
export async function untilWritten<T>(write: () => Promise<T | false>): Promise<T> {
  for (let refusals = 0; refusals < tries; refusals += 1) {
    await waitForReplica(refusals);
    const written = await write();
    if (written !== false) return written;
  }
  throw new RpcError('BUSY', { retryable: true, message: 'Others keep writing the same record' });
}
