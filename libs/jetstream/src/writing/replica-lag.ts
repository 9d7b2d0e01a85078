import { setTimeout as sleep } from 'node:timers/promises';

const firstMs = 10;
const longestMs = 250;

/**
 * Waits until a record is worth reading again whose write was refused as another one stands there: reads are answered by any replica
 * of NATS, and one may not have that other one yet. The first refusal is taken for a writer that was quicker, so it costs no time;
 * eight of them wait for 0.6 s together, on average.
 *
 * @param refusals so many writes were refused, one after the other
 */
export async function waitForReplica(refusals: number): Promise<void> {
  if (refusals <= 1) return;
  // Writers that refuse each other shall not meet again.
  await sleep(Math.min(firstMs * 2 ** (refusals - 2), longestMs) * (0.5 + Math.random() / 2));
}
