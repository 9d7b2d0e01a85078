import type { TicketRecord } from '@ccgame/matchmaker/store';
import { queueOf } from '@ccgame/matchmaker/store';
import { partitionOf } from '@ccgame/matchmaker/pool';
import type { StoredEvent } from './history.js';

/** The holder of each partition's newest fence, up to an event. */
function holdersOf(events: StoredEvent[]): Map<string, string> {
  const holders = new Map<string, string>();
  for (const event of events) {
    if (event.kind === 'fence') holders.set(event.record.partition, event.record.serverId);
  }
  return holders;
}

/** The partitions that a server holds, up to an event. */
function heldBy(events: StoredEvent[], server: string): string[] {
  return [...holdersOf(events)].flatMap(([name, holder]) => (holder === server ? [name] : []));
}

/** The server that holds most partitions now. */
export function busiest(events: StoredEvent[]): string {
  const counts = new Map<string, number>();
  for (const server of holdersOf(events).values()) counts.set(server, (counts.get(server) ?? 0) + 1);
  const [server] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return server;
}

/** How many servers hold partitions now. */
export function holderCount(events: StoredEvent[], partitionsOf: (partition: string) => boolean): number {
  return new Set([...holdersOf(events)].flatMap(([name, server]) => (partitionsOf(name) ? [server] : [])))
    .size;
}

/** The partitions of a server that nobody else has taken after `place` in the list. */
export function stillHeld(events: StoredEvent[], server: string, place: number): string[] {
  const now = new Set(heldBy(events, server));
  return heldBy(events.slice(0, place), server).filter((name) => now.has(name));
}

/**
 * How long after `at`, epoch ms, the last of a server's partitions was taken by another after `place`, ms; undefined: none was.
 * A partition in which nobody waits is nobody's (decision 040): its time begins with its next ticket.
 */
export function takenOverAfter(
  events: StoredEvent[],
  server: string,
  place: number,
  at: number,
): number | undefined {
  const held = new Set(heldBy(events.slice(0, place), server));
  const open = new Map<string, Set<string>>();
  const waitingSince = new Map<string, number>();
  let longest: number | undefined;
  for (const [index, event] of events.entries()) {
    if (event.kind === 'ticket') {
      const name = partitionOfTicket(event.record);
      const tickets = open.get(name) ?? new Set();
      if (event.record.state === 'open') tickets.add(event.record.ticketId);
      else tickets.delete(event.record.ticketId);
      open.set(name, tickets);
      if (tickets.size === 0) waitingSince.delete(name);
      else if (!waitingSince.has(name)) waitingSince.set(name, index < place ? at : event.storedAt);
    } else if (event.kind === 'fence' && index >= place && event.record.serverId !== server) {
      const name = event.record.partition;
      if (!held.delete(name)) continue;
      longest = Math.max(longest ?? 0, event.storedAt - (waitingSince.get(name) ?? event.storedAt));
    }
  }
  return longest;
}

/** All modes of the torture have this one hard key. */
function partitionOfTicket(ticket: TicketRecord): string {
  const { mode, attributes } = ticket;
  return partitionOf({ name: mode, hardKeys: ['region'] }, { version: queueOf(ticket), attributes });
}
