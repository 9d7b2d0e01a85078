import { readAgain } from '@ccgame/jetstream';
import type { TicketStore } from '../store/ticket-store.js';

/**
 * Reads what an answer rests on. In a cluster of NATS any replica answers, and one may be behind: where it shows a reason to refuse, it is read
 * again for some 0.6 s, as the asker may have been told something else a moment ago.
 *
 * @throws what `read` throws
 */
export async function readSurely<T>(
  { health }: Pick<TicketStore, 'health'>,
  read: () => Promise<T>,
  isReason: (found: T) => boolean,
): Promise<T> {
  let found = await read();
  if (!health.isClustered || !isReason(found)) return found;
  await readAgain(async () => {
    found = await read();
    return isReason(found) ? undefined : true;
  });
  return found;
}
