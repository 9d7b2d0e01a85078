import type { StoredEvent } from './history.js';

/** Who holds each partition's newest fence, up to an event. */
function holdersOf(events: StoredEvent[]): Map<string, string> {
  const holders = new Map<string, string>();
  for (const event of events) {
    if (event.kind === 'fence') holders.set(event.record.partition, event.record.serverId);
  }
  return holders;
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
  const before = holdersOf(events.slice(0, place));
  const now = holdersOf(events);
  return [...before].flatMap(([name, holder]) =>
    holder === server && now.get(name) === server ? [name] : [],
  );
}

/** When the last of a server's partitions was first taken by another after `place`, epoch ms; undefined: it had none. */
export function takenOverAt(events: StoredEvent[], server: string, place: number): number | undefined {
  const held = new Set(
    [...holdersOf(events.slice(0, place))].flatMap(([name, holder]) => (holder === server ? [name] : [])),
  );
  let last: number | undefined;
  for (const event of events.slice(place)) {
    if (event.kind !== 'fence' || event.record.serverId === server) continue;
    if (held.delete(event.record.partition)) last = event.storedAt;
  }
  return last;
}
