import { type Entry } from '../entry.js';
import { compareAge } from '../age.js';
import { Heap } from './heap.js';

/** Fewer who have gone are not worth a new list. */
const fewestGone = 64;

/**
 * The tickets that are to be looked at, the oldest first. Nearly all come in this order and are appended to a run; who is
 * older than the run's last waits in a heap beside it. Nothing here takes long, however many come and go.
 */
export class AgeQueue {
  private run: Entry[] = [];
  private next = 0;
  /** Entries of the run that have gone without having been taken. */
  private gone = 0;
  private late = new Heap<Entry>((a, b) => compareAge(a, b) < 0);

  pushEntry(entry: Entry): void {
    entry.state = 'awake';
    if (this.next === this.run.length) this.startRun([entry]);
    else if (compareAge(this.run[this.run.length - 1], entry) < 0) this.run.push(entry);
    else this.late.push(entry);
  }

  first(): Entry | undefined {
    const { run } = this;
    while (this.next < run.length && run[this.next].state === 'gone') {
      this.next += 1;
      this.gone -= 1;
    }
    const [inTime, late] = [run[this.next], this.late.first];
    return inTime && late ? (compareAge(inTime, late) < 0 ? inTime : late) : (inTime ?? late);
  }

  /** Takes out the one that `first` gave. */
  takeEntry(entry: Entry): void {
    if (entry.heapPlace >= 0) this.late.removeItem(entry);
    else this.next += 1;
    entry.state = 'looking';
  }

  /** One of the tickets here has gone. */
  dropEntry(entry: Entry): void {
    if (entry.heapPlace >= 0) return this.late.removeItem(entry);
    this.gone += 1;
    if (this.gone < Math.max(fewestGone, (this.run.length - this.next) / 2)) return;
    this.startRun(this.run.slice(this.next).filter(({ state }) => state !== 'gone'));
  }

  copyQueue(twinOf: (entry: Entry) => Entry): AgeQueue {
    const copy = new AgeQueue();
    for (let i = this.next; i < this.run.length; i += 1)
      if (this.run[i].state !== 'gone') copy.run.push(twinOf(this.run[i]));
    copy.late = this.late.copyHeap(twinOf);
    return copy;
  }

  private startRun(run: Entry[]): void {
    this.run = run;
    this.next = 0;
    this.gone = 0;
  }
}
