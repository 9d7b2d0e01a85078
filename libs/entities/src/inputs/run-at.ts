import type { LiveEntity } from '../live/live-entity.js';

/**
 * Runs code of an entity that no successor plays again - a query, a volatile input, `admits` - at the time of its call; in a room time is that of
 * the ticks. Then it is the time of the last stored input again, from which a successor goes on.
 *
 * @param at when it came, epoch ms by the entity's time
 */
export function runAt<T>(live: Pick<LiveEntity, 'time' | 'mark'>, at: number, work: () => T): T {
  if (live.mark.tickHz) return work();
  const { time } = live;
  live.time = Math.max(time, at);
  try {
    return work();
  } finally {
    live.time = time;
  }
}
