import { isAway, isDenied } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';

/** @throws RpcError in the place of what storage throws: BUSY, and FORBIDDEN where this server's user of NATS lacks a right */
export async function orBusy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDenied(error)) throw new RpcError('FORBIDDEN', { message: error.message, cause: error });
    if (!isAway(error)) throw error;
    throw new RpcError('BUSY', { message: (error as Error).message, cause: error });
  }
}
