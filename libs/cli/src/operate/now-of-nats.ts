import { readStorageTime } from '@ccgame/jetstream';
import type { OperatorSession } from './operator-session.js';

/** Epoch ms, by the clock that all stored times are of: an operator's own may be ten minutes off. */
export async function nowOfNats({ nats }: Pick<OperatorSession, 'nats'>): Promise<number> {
  return (await readStorageTime(nats)) ?? Date.now();
}
