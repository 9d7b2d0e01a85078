import { waitForReplica } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import { orBusy } from './or-busy.js';

const attempts = 8;

/** Tries a compare-and-set until nobody else comes in between. @param write false: somebody did @throws RpcError BUSY */
export async function untilWritten(write: () => Promise<boolean>): Promise<void> {
  await orBusy(async () => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await waitForReplica(attempt);
      if (await write()) return;
    }
    throw new RpcError('BUSY', { message: 'Others keep writing the same record' });
  });
}
