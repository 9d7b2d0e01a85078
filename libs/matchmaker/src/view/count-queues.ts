import { queueOf } from '../catalogue/queue-of.js';
import type { TicketRecord } from '../contracts/matches.js';
import type { QueueCount } from '../contracts/matching-operations.js';

/** Counts open tickets by mode and version. @param now by the clock of the stream, epoch ms */
export function countQueues(tickets: Iterable<TicketRecord>, now: number): QueueCount[] {
  const queues = new Map<string, QueueCount>();
  for (const ticket of tickets) {
    const { mode, players, since, state } = ticket;
    const version = queueOf(ticket);
    const key = `${mode} ${version}`;
    const queue = queues.get(key) ?? { mode, version, tickets: 0, proposed: 0, players: 0, longestMs: 0 };
    queues.set(key, queue);
    if (state === 'proposed') queue.proposed += 1;
    else queue.tickets += 1;
    queue.players += players.length;
    queue.longestMs = Math.max(queue.longestMs, Math.round(now - since));
  }
  return [...queues.values()];
}
