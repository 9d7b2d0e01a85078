import { compareAge, type Entry } from './entry.js';

/**
 * The tickets that are to be looked at, the oldest first. Who ceases to be awake meanwhile is passed over when his turn
 * comes: a pass takes most of them, and taking them out one by one would cost more than the pass.
 */
export class AwakeQueue {
  private sorted: Entry[] = [];
  private next = 0;
  /** Came since the last look, in any order. */
  private incoming: Entry[] = [];

  /** It is awake, and stays here as long. */
  push(entry: Entry): void {
    this.incoming.push(entry);
  }

  first(): Entry | undefined {
    if (this.incoming.length > 0) this.merge();
    while (this.next < this.sorted.length && !this.sorted[this.next].isAwake) this.next += 1;
    return this.sorted[this.next];
  }

  copy(twins: ReadonlyMap<Entry, Entry>): AwakeQueue {
    const copy = new AwakeQueue();
    for (const entry of [...this.sorted.slice(this.next), ...this.incoming])
      if (entry.isAwake) copy.push(twins.get(entry) ?? entry);
    return copy;
  }

  private merge(): void {
    const [old, fresh] = [this.sorted, this.incoming.sort(compareAge)];
    const merged: Entry[] = [];
    let at = 0;
    for (let i = this.next; i < old.length; i += 1) {
      if (!old[i].isAwake) continue;
      while (at < fresh.length && compareAge(fresh[at], old[i]) < 0) merged.push(fresh[at++]);
      merged.push(old[i]);
    }
    while (at < fresh.length) merged.push(fresh[at++]);
    this.sorted = merged;
    this.incoming = [];
    this.next = 0;
  }
}
