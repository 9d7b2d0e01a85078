import { type Entry } from '../entry.js';
import { compareAge } from '../age.js';

/** Fewer who have left are not worth a new list. */
const fewestLeft = 64;

const waits = ({ state }: Entry): boolean => state === 'lacks-role';

/** Tickets that wait for a role, asked round by round, the oldest first. */
export class AgeRotation {
  private sorted: Entry[] = [];
  private next = 0;
  /** Came since the round began, and are not the youngest. */
  private incoming: Entry[] = [];
  /** How many have left and still stand here. */
  private left = 0;

  get isEmpty(): boolean {
    return this.sorted.length + this.incoming.length === 0;
  }

  pushEntry(entry: Entry): void {
    const last = this.sorted.at(-1);
    if (!last || compareAge(last, entry) < 0) this.sorted.push(entry);
    else this.incoming.push(entry);
  }

  /** The first of a round, of those who were here when it began. */
  first(): Entry | undefined {
    const { sorted } = this;
    while (this.next < sorted.length && !waits(sorted[this.next])) this.next += 1;
    return sorted[this.next];
  }

  /** Passes the first over for this round. */
  skipEntry(): void {
    this.next += 1;
  }

  /** One of the tickets does not wait here any more. */
  dropEntry(): void {
    this.left += 1;
    if (this.left < Math.max(fewestLeft, (this.sorted.length + this.incoming.length) / 2)) return;
    const asked = this.sorted.slice(0, this.next).filter(waits);
    this.sorted = [...asked, ...this.sorted.slice(this.next).filter(waits)];
    this.next = asked.length;
    this.incoming = this.incoming.filter(waits);
    this.left = 0;
  }

  /** Begins a round with everybody. */
  restartRotation(): void {
    this.next = 0;
    if (this.incoming.length === 0) return;
    const fresh = this.incoming.sort(compareAge);
    this.incoming = [];
    this.mergeSkipped(fresh);
  }

  copyRotation(twinOf: (entry: Entry) => Entry): AgeRotation {
    const copy = new AgeRotation();
    for (const entry of this.sorted) if (waits(entry)) copy.sorted.push(twinOf(entry));
    for (const entry of this.incoming) if (waits(entry)) copy.incoming.push(twinOf(entry));
    return copy;
  }

  private mergeSkipped(fresh: readonly Entry[]): void {
    const merged: Entry[] = [];
    const take = (entry: Entry): void => {
      // An entry that left and came again is in both.
      if (waits(entry) && entry !== merged.at(-1)) merged.push(entry);
    };
    let at = 0;
    for (const entry of this.sorted) {
      while (at < fresh.length && compareAge(fresh[at], entry) < 0) take(fresh[at++]);
      take(entry);
    }
    while (at < fresh.length) take(fresh[at++]);
    this.sorted = merged;
    this.left = 0;
  }
}
