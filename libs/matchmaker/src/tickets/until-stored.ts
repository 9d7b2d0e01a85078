import { setTimeout as sleep } from 'node:timers/promises';
import type { ExpectingMessage } from '@ccgame/jetstream';
import { isAway, isConflict, isFull, isUncertain, NotRead, waitForReplica } from '@ccgame/jetstream';
import { RpcError, rpcContext } from '@ccgame/rpc';
import type { TicketStore } from '../store/ticket-store.js';

/** The time that the answer needs to reach its caller. */
const reserveMs = 100;
/** The most that is tried where the caller has no deadline, ms. */
const longestMs = 4_500;
const pauseMs = 50;
const retryAfterMs = 1_000;

/** The next step: write these messages, end with a result, or look again in a moment, as something is under way. */
export type WriteAttempt<T> = { write: ExpectingMessage[]; then: T } | { done: T } | { underWay: string };

/**
 * Repeats `attempt` until its messages are stored, or it finds the work done. Each attempt looks anew at what is stored, so
 * a write whose ack was lost is found and not done twice.
 *
 * @param attempt `isFirst`: what is known without reading may do
 * @throws RpcError TIMEOUT when it took too long or NATS didn't answer: it may have been stored; BUSY when NATS takes nothing, as the
 *   stream is full; and what `attempt` throws
 */
export async function untilStored<T>(
  store: TicketStore,
  attempt: (isFirst: boolean) => Promise<WriteAttempt<T>>,
): Promise<T> {
  const end = performance.now() + Math.min(longestMs, rpcContext.timeLeftMs() - reserveMs);
  let conflicts = 0;
  for (let isFirst = true; ; isFirst = false) {
    let cause: unknown;
    try {
      if (!store.health.connected) await store.health.waitUntilConnected(end - performance.now());
      const next = await attempt(isFirst);
      if ('done' in next) return next.done;
      if ('write' in next) {
        await store.writeBatch(next.write);
        return next.then;
      }
      cause = new Error(next.underWay);
    } catch (error) {
      const isUnread = error instanceof NotRead && isAway(error);
      if (!isConflict(error) && !isUncertain(error) && !isUnread) throw busyIfFull(error);
      cause = error;
    }
    if (performance.now() + pauseMs > end) throw new RpcError('TIMEOUT', { cause });
    if (isConflict(cause)) await waitForReplica(++conflicts);
    else await sleep(pauseMs);
    if (performance.now() > end) throw new RpcError('TIMEOUT', { cause });
  }
}

/** Nothing was stored. Its server says why by the storage that is unsound: `ensureAlways`. Another refusal would come again. */
function busyIfFull(error: unknown): unknown {
  if (!isFull(error)) return error;
  return new RpcError('BUSY', {
    retryable: true,
    retryAfterMs,
    cause: error,
    message: 'Tickets can not be stored now',
  });
}
