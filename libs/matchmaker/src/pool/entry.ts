import type { HeapItem } from './search/heap.js';
import type { TicketClass } from './ticket-class.js';
import type { Ticket } from './ticket.js';

/** A ticket in a bucket, with what the matcher notes about it. */
export interface Entry extends HeapItem {
  readonly ticket: Ticket;
  readonly skill: number;
  readonly since: number;
  class: TicketClass;
  /** Ms by region, in the order of the mode's limits. Undefined in a mode without. */
  readonly latency: number[] | undefined;
  /** `awake` is looked at in this pass or the next, `looking` right now; `asleep`, see `Sleepers`; `starved`, see `Starved`. */
  state: 'awake' | 'looking' | 'asleep' | 'starved' | 'gone';
  /** While asleep: not looked at before this, epoch ms. */
  wakeAt: number;
  /** While asleep: who comes nearer in skill than this may complete a match before `wakeAt`. Negative: nobody. */
  listen: number;
  /** Bits of the classes of which it has found enough: one more of them changes nothing. */
  enough: number;
  /** Distance in skill to whoever is being matched. */
  distance: number;
  /** Its place in the list of those that are being copied. */
  place: number;
}

/** Oldest first. Of equal age by id, so that there is one order whatever was added first. */
export function compareAge(a: Entry, b: Entry): number {
  if (a.since !== b.since) return a.since - b.since;
  if (a === b) return 0;
  return a.ticket.ticketId < b.ticket.ticketId ? -1 : 1;
}

/** Nearest first; of equal distance the oldest. */
export function compareDistance(a: Entry, b: Entry): number {
  return a.distance - b.distance || compareAge(a, b);
}
