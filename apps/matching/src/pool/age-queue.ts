import { compareAge, type Entry } from './entry.js';

/**
 * Tickets in one state, the oldest first. Who leaves the state is passed over when his turn comes: a pass takes most of
 * them, and taking them out one by one would cost more than the pass.
 */
export class AgeQueue {
  private sorted: Entry[] = [];
  private next = 0;
  /** Came since the round began, and whether in order. */
  private incoming: Entry[] = [];
  private isInOrder = true;
  /** Passed over in this round because they had left. */
  private left = 0;

  constructor(private readonly state: Entry['state']) {}

  push(entry: Entry): void {
    entry.state = this.state;
    const last = this.incoming.at(-1);
    if (last && compareAge(last, entry) > 0) this.isInOrder = false;
    this.incoming.push(entry);
  }

  /** Whether anybody is in the state. */
  get isEmpty(): boolean {
    return !this.first() && !this.incoming.some(({ state }) => state === this.state);
  }

  /** The first of a round, of those who were here when it began. */
  first(): Entry | undefined {
    while (this.next < this.sorted.length && this.sorted[this.next].state !== this.state) {
      this.next += 1;
      this.left += 1;
    }
    return this.sorted[this.next];
  }

  /** Passes the first over for this round, though it stays in the state. */
  skip(): void {
    this.next += 1;
  }

  /** Begins a round with everybody. Touches only those who came, as long as they are the youngest. */
  restart(): void {
    const { sorted, incoming } = this;
    const [last, first] = [sorted.at(-1), incoming[0]];
    const isAppended = this.isInOrder && (!last || !first || compareAge(last, first) < 0);
    if (!isAppended || this.left > sorted.length / 2) this.merge();
    else for (const entry of incoming) sorted.push(entry);
    this.incoming = [];
    this.isInOrder = true;
    this.next = 0;
    this.left = 0;
  }

  copy(twins: ReadonlyMap<Entry, Entry>): AgeQueue {
    const copy = new AgeQueue(this.state);
    for (const entry of [...this.sorted, ...this.incoming])
      if (entry.state === this.state) copy.push(twins.get(entry) ?? entry);
    return copy;
  }

  private merge(): void {
    const fresh = this.isInOrder ? this.incoming : this.incoming.sort(compareAge);
    const merged: Entry[] = [];
    const take = (entry: Entry): void => {
      // Who left the state and came again is in both.
      if (entry.state === this.state && entry !== merged.at(-1)) merged.push(entry);
    };
    let at = 0;
    for (const entry of this.sorted) {
      while (at < fresh.length && compareAge(fresh[at], entry) < 0) take(fresh[at++]);
      take(entry);
    }
    while (at < fresh.length) take(fresh[at++]);
    this.sorted = merged;
  }
}
