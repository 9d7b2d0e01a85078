import { isAway, isDenied } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';

/** @throws RpcError in the place of what storage throws: BUSY, and FORBIDDEN where this server's user of NATS lacks a right */
export async function orBusy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDenied(error)) throw forbidden(error);
    if (!isAway(error)) throw error;
    throw new RpcError('BUSY', { message: (error as Error).message, cause: error });
  }
}

/** In the place of NATS' refusal where this server's user lacks a right. */
export function forbidden(denied: Error): RpcError {
  return new RpcError('FORBIDDEN', { message: denied.message, cause: denied });
}
