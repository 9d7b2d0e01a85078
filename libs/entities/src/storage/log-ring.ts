import type { StoredLogRecord } from './entity-store.js';

/** Messages of a partition's log. At a flush every 4 ms they last for a second, which is when states are stored anyway. */
export const ringSlots = 256;

interface Slot {
  /** Where its message stands; 0: there is none. */
  seq: number;
  /** By entity, its last input there: the message is needed until the entity's state holds that. */
  inputs: Map<string, number>;
}

/**
 * The places of a partition's log. Each message takes the place of the oldest one, so the log never grows and nobody has to
 * delete from it; what that one holds has to be in its entities' states by then.
 */
export class LogRing {
  private readonly slots: Slot[] = Array.from({ length: ringSlots }, () => ({ seq: 0, inputs: new Map() }));
  private next = 0;

  static fromLog(log: readonly StoredLogRecord[]): LogRing {
    const ring = new LogRing();
    for (const { slot, seq, record } of log) {
      ring.slots[slot] = { seq, inputs: new Map(record.inputs.map(([key, { n }]) => [key, n])) };
      ring.next = (slot + 1) % ringSlots;
    }
    return ring;
  }

  /** The entities whose states have to be stored before, or with, the next so many messages. */
  needed(count: number, storedUpTo: (key: string) => number): Set<string> {
    const slots = Array.from({ length: count }, (_, index) => this.slots[(this.next + index) % ringSlots]);
    const keys = slots.flatMap(({ inputs }) => [...inputs].filter(([key, n]) => storedUpTo(key) < n));
    return new Set(keys.map(([key]) => key));
  }

  /** Where the next messages go, and what stands there. */
  nextSlots(count: number): { slot: number; expected: number }[] {
    return Array.from({ length: count }, (_, index) => {
      const slot = (this.next + index) % ringSlots;
      return { slot, expected: this.slots[slot].seq };
    });
  }

  /** The next message is stored. */
  advance(seq: number, inputs: Map<string, number>): void {
    this.slots[this.next] = { seq, inputs };
    this.next = (this.next + 1) % ringSlots;
  }
}
