import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '../errors.js';

/** A server whose NATS server was replaced, or whose node is busy, listens again within this time. The SDK waits for 10 s. */
const awayMs = 4_000;
const pauseMs = { first: 25, most: 200 };
/** A call that has cost the time after which a server is taken for dead is not made a third time. */
const mostRepeats = 1;

/** A call that any server of a type may take. */
export interface ServedCall<R> {
  /** Makes one try. @param answering the server of an earlier one has gone or hangs, see `CallOptions.answering` */
  call(answering: boolean): Promise<R>;
  /** Whether its work may be asked for again when nobody knows whether it was done. */
  isRepeatable: boolean;
}

/**
 * Calls again where nobody has begun the work, for four seconds: a NATS server that is replaced takes its clients' subscriptions along until
 * they are at another one, and a version's last server may be starting again.
 *
 * @throws RpcError the last try's
 */
export function untilServed<R>(served: ServedCall<R>): Promise<R> {
  // Most calls succeed at once, and an async function would make more promises of each.
  return served.call(false).catch((error: unknown) => callAgain(served, error));
}

async function callAgain<R>(served: ServedCall<R>, failure: unknown): Promise<R> {
  const { isRepeatable } = served;
  let error = failure;
  let endsAt = Infinity;
  let repeats = 0;
  for (let tries = 0; ; tries += 1) {
    const isLost = error instanceof RpcError && error.code === 'GONE';
    if (isLost && isRepeatable) repeats += 1;
    const isWorthAnother = isLost ? isRepeatable && repeats <= mostRepeats : isUnbegun(error);
    // From the first failure on, as a call may have waited long for it.
    endsAt = Math.min(endsAt, performance.now() + awayMs);
    const restMs = Math.min(pauseMs.most, pauseMs.first * 2 ** tries) * (0.5 + Math.random());
    if (!isWorthAnother || performance.now() + restMs >= endsAt) throw error;
    await sleep(restMs);
    try {
      return await served.call(repeats > 0);
    } catch (caught) {
      error = caught;
    }
  }
}

/** Not that of a call which the handler made in its turn: its work had begun. */
export const isUnbegun = (error: unknown): boolean =>
  error instanceof RpcError && error.code === 'NO_SERVER' && error.retryable;
