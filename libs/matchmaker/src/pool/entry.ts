import { compareAge } from './age.js';
import type { HeapItem } from './search/heap.js';
import type { OrderedChunks } from './search/ordered-chunks.js';
import type { Ticket } from './ticket.js';

/** Tickets that are alike to the rules of a mode: of one size, whose players could play the same roles. */
export interface TicketClass {
  key: string;
  /** In the list of classes. */
  place: number;
  /** Its bit in a set of classes; 0 after the first 31, which no set holds. */
  bit: number;
  size: number;
  /** For each player the roles that the player could play, as bits; the largest first. */
  masks: number[];
  index: OrderedChunks<Entry>;
}

/** A ticket in a pool, with what the matcher notes about it. */
export interface Entry extends HeapItem {
  readonly ticket: Ticket;
  readonly skill: number;
  readonly since: number;
  class: TicketClass;
  /** Ms by region, in the order of the mode's limits. Undefined in a mode without. */
  readonly latency: number[] | undefined;
  /** `awake` is looked at in this pass or the next, `looking` right now; `asleep`, see `WakeSchedule`; `lacks-role`, see `RoleWaiters`. */
  state: 'awake' | 'looking' | 'asleep' | 'lacks-role' | 'gone';
  /** While asleep: not looked at before this, epoch ms. */
  wakeAt: number;
  /** While asleep: a ticket that comes nearer in skill than this may complete a match before `wakeAt`. Negative: nobody. */
  listen: number;
  /** Bits of the classes of which it has found enough: one more of them changes nothing. */
  enough: number;
  /** Distance in skill to whoever is being matched. */
  distance: number;
  /** Its place in the list of those that are being copied. */
  place: number;
}

/** The entry of a ticket that has just come. */
export function newEntry(ticket: Ticket, of: TicketClass, latency: number[] | undefined): Entry {
  return {
    ticket,
    skill: ticket.skill,
    since: ticket.since,
    class: of,
    latency,
    state: 'awake',
    wakeAt: 0,
    listen: -1,
    enough: -1,
    distance: 0,
    place: -1,
    heapPlace: -1,
  };
}

/** Nearest first; of equal distance the oldest. */
export function compareDistance(a: Entry, b: Entry): number {
  return a.distance - b.distance || compareAge(a, b);
}
