import type { Entry } from '../entry.js';
import { Heap } from '../search/heap.js';
import type { Mode } from '../rules/mode.js';
import type { TicketClasses } from '../ticket-class.js';
import { waitUntilWindow, windowAfter } from '../search/window.js';

/**
 * The tickets that have looked and found nothing. Each sleeps until its wait could let it see more, or somebody comes who is
 * of use to it.
 */
export class WakeSchedule {
  private heap = new Heap<Entry>((a, b) => a.wakeAt < b.wakeAt);

  constructor(
    private readonly mode: Mode,
    private readonly classes: TicketClasses,
  ) {}

  /** When the first of them wakes, epoch ms; Infinity: never. */
  get nextWakeAt(): number {
    return this.heap.first?.wakeAt ?? Infinity;
  }

  /** @param enough bits of the classes of which one more changes nothing for it */
  scheduleWake(entry: Entry, wakeAt: number, enough: number): void {
    entry.state = 'asleep';
    this.planWake(entry, wakeAt);
    entry.listen = this.reachBefore(entry.wakeAt, entry.since);
    entry.enough = enough;
    const { index } = entry.class;
    const chunk = index.chunks[index.chunkOf(entry)];
    chunk.listen = Math.max(chunk.listen, entry.listen);
    chunk.enough &= entry.enough;
  }

  /** Wakes a ticket then, which needn't sleep: one that waits for a role does so until its terms change. */
  planWake(entry: Entry, wakeAt: number): void {
    if (entry.wakeAt === wakeAt && entry.heapPlace >= 0) return;
    this.dropEntry(entry);
    entry.wakeAt = wakeAt;
    if (wakeAt < Infinity) this.heap.push(entry);
  }

  dropEntry(entry: Entry): void {
    if (entry.heapPlace >= 0) this.heap.removeItem(entry);
  }

  /** Takes out the next who is to wake by now. */
  takeDue(now: number): Entry | undefined {
    const entry = this.heap.first;
    if (!entry || entry.wakeAt > now) return undefined;
    this.heap.removeItem(entry);
    return entry;
  }

  /** Tells the sleepers of a newcomer: those that would reach it before they wake, wake then. */
  announceArrival(skill: number, bit: number): void {
    for (const { index } of this.classes.all)
      for (const chunk of index.chunks) {
        if (chunk.listen < 0) continue;
        const { entries, keys } = chunk;
        const off = Math.max(keys[0] - skill, skill - keys[keys.length - 1]);
        if (off > chunk.listen || (chunk.enough & bit) !== 0) continue;
        let [listen, enough] = [-1, -1];
        for (const entry of entries) {
          if (entry.listen < 0) continue;
          const distance = Math.abs(entry.skill - skill);
          if (distance <= entry.listen && (entry.enough & bit) === 0) this.rouseListeners(entry, distance);
          listen = Math.max(listen, entry.listen);
          enough &= entry.enough;
        }
        chunk.listen = listen;
        chunk.enough = enough;
      }
  }

  /** @param classes those of the copy */
  copySchedule(classes: TicketClasses, twinOf: (entry: Entry) => Entry): WakeSchedule {
    const copy = new WakeSchedule(this.mode, classes);
    copy.heap = this.heap.copyHeap(twinOf);
    return copy;
  }

  private rouseListeners(entry: Entry, distance: number): void {
    const wakeAt = entry.since + waitUntilWindow(this.mode, distance);
    if (wakeAt >= entry.wakeAt) return;
    this.planWake(entry, wakeAt);
    entry.listen = this.reachBefore(wakeAt, entry.since);
  }

  /** A newcomer who is farther is seen when it wakes: one whose window opens to anyone then need not hear of everybody. */
  private reachBefore(time: number, since: number): number {
    return windowAfter(this.mode, time - since - 1);
  }
}
