import { isAway } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';

/** @throws RpcError BUSY in the place of what storage throws */
export async function orBusy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAway(error)) throw error;
    throw new RpcError('BUSY', { message: (error as Error).message, cause: error });
  }
}
