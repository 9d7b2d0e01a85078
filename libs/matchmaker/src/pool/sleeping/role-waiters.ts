import { AgeRotation } from './age-rotation.js';
import { type Entry } from '../entry.js';
import { compareAge } from '../age.js';
import { Heap, type HeapItem } from '../search/heap.js';
import { OrderedChunks, placeFrom } from '../search/ordered-chunks.js';
import type { Rules } from '../rules/rules.js';
import { waitUntilWindow, windowAfter } from '../search/window.js';

const bySkill = ({ skill }: Entry): number => skill;

/** Those of about the same skill who wait. */
interface Band extends HeapItem {
  /** Points of skill. */
  low: number;
  high: number;
  line: AgeRotation;
  /** The entry whose turn it is, in a round. */
  head: Entry | undefined;
}

const newBands = (): Heap<Band> =>
  new Heap<Band>((a, b) => a.head !== undefined && b.head !== undefined && compareAge(a.head, b.head) < 0);

/**
 * The tickets that wait for a role: not enough who could play it are in their reach. One newcomer may be in the reach of thousands
 * and join only few; so they are not woken but asked in turn, the oldest first, as long as there is somebody to
 * be had. Where nobody is near one of them, nobody is near those of about the same skill either, and they are not asked.
 */
export class RoleWaiters {
  private readonly bands = new Map<number, Band>();
  /** Points of skill of a band. */
  private readonly width: number;
  /** Bands that are left of a round, by the age of whose turn it is. Undefined between two rounds. */
  private round?: Heap<Band>;
  /** For each role, who could play it. */
  private able: OrderedChunks<Entry>[];
  /** For each role, how many players could, see `ableIn`. */
  private readonly supply: number[];
  /** When one of those who wait could see enough, epoch ms. */
  private nextAt = Infinity;

  constructor(private readonly rules: Rules) {
    this.able = rules.roles.map(() => new OrderedChunks<Entry>(bySkill));
    this.supply = rules.roles.map(() => 0);
    this.width = rules.mode.skill?.start || 1;
  }

  copyWaiters(twinOf: (entry: Entry) => Entry): RoleWaiters {
    const copy = new RoleWaiters(this.rules);
    for (const [number, { low, high, line }] of this.bands)
      copy.bands.set(number, { low, high, line: line.copyRotation(twinOf), head: undefined, heapPlace: -1 });
    copy.able = this.able.map((one) => one.copyChunks(twinOf));
    this.supply.forEach((count, role) => (copy.supply[role] = count));
    copy.nextAt = this.nextLookAt;
    return copy;
  }

  get nextLookAt(): number {
    return this.round ? 0 : this.nextAt;
  }

  /** A ticket came to the pool. */
  noteArrival(entry: Entry): void {
    for (let role = 0; role < this.able.length; role += 1) {
      const count = this.ableIn(entry, role);
      if (count === 0) continue;
      this.able[role].insertEntry(entry);
      this.supply[role] += count;
      this.nextAt = 0;
    }
  }

  noteDeparture(entry: Entry): void {
    for (let role = 0; role < this.able.length; role += 1) {
      const count = this.ableIn(entry, role);
      if (count === 0) continue;
      this.able[role].removeEntry(entry);
      this.supply[role] -= count;
    }
  }

  /** How far a ticket has to reach that so many teams have their roles, at least. */
  distanceFor({ skill }: Entry, teams: number): number {
    let furthest = 0;
    for (let role = 0; role < this.able.length; role += 1) {
      const wanted = teams * this.rules.perTeam[role];
      const isThere = this.supply[role] >= wanted;
      furthest = Math.max(furthest, isThere ? this.distanceOf(skill, role, wanted) : Infinity);
    }
    return furthest;
  }

  /** Lets a ticket wait that would have to reach so far. */
  addWaiter(entry: Entry, distance: number): void {
    entry.state = 'lacks-role';
    this.bandOf(entry).line.pushEntry(entry);
    this.nextAt = Math.min(this.nextAt, this.timeFor(entry, distance));
  }

  /** A ticket waits here no more: its state is another by now. */
  dropWaiter(entry: Entry): void {
    this.bandOf(entry).line.dropEntry();
  }

  /** Begins to ask those who wait, if one of them could see enough by now; or goes on with it. */
  askWaiters(now: number): void {
    if (this.round || this.nextAt > now) return;
    this.nextAt = Infinity;
    this.round = newBands();
    for (const [number, band] of this.bands) {
      // An earlier round may have ended with it.
      band.heapPlace = -1;
      band.line.restartRotation();
      if (band.line.isEmpty) this.bands.delete(number);
      else this.follow(band);
    }
  }

  /**
   * The oldest of those not asked yet who sees enough. Undefined when nobody does: the round is over; or when `mayGoOn` says
   * no: it {@link isInterrupted}.
   */
  firstServable(now: number, mayGoOn: () => boolean): Entry | undefined {
    const { mode, perTeam } = this.rules;
    const fewest = mode.fewer?.teams ?? mode.teams;
    const isAnything = this.supply.every((supply, role) => supply >= fewest * perTeam[role]);
    for (let band = this.round?.first; band && isAnything; band = this.round?.first) {
      const head = band.line.first();
      if (!head || head !== band.head) {
        this.follow(band);
        continue;
      }
      const waited = now - head.since;
      const teams = waited >= (mode.fewer?.afterMs ?? Infinity) ? fewest : mode.teams;
      const distance = this.distanceFor(head, teams);
      if (distance <= windowAfter(mode, waited)) return head;
      this.nextAt = Math.min(this.nextAt, this.timeFor(head, distance));
      band.line.skipEntry();
      this.follow(band);
      this.passOver(band, distance - Math.max(head.skill - band.low, band.high - head.skill), now);
      if (!mayGoOn()) return undefined;
    }
    this.round = undefined;
    return undefined;
  }

  get isInterrupted(): boolean {
    return this.round !== undefined;
  }

  /** Everybody, who is to leave. */
  releaseAll(): Entry[] {
    const all: Entry[] = [];
    for (const { line } of this.bands.values()) {
      line.restartRotation();
      for (let entry = line.first(); entry; entry = line.first()) {
        line.skipEntry();
        entry.state = 'asleep';
        all.push(entry);
      }
    }
    this.bands.clear();
    this.round = undefined;
    return all;
  }

  private bandOf({ skill }: Entry): Band {
    const number = Math.floor(skill / this.width);
    const known = this.bands.get(number);
    if (known) return known;
    const [low, high] = [number * this.width, (number + 1) * this.width];
    const band = { low, high, line: new AgeRotation(), head: undefined, heapPlace: -1 };
    this.bands.set(number, band);
    return band;
  }

  /** Puts a band of the round where its next ticket belongs, or out where there is none. */
  private follow(band: Band): void {
    if (band.heapPlace >= 0) this.round?.removeItem(band);
    band.head = band.line.first();
    if (band.head) this.round?.push(band);
  }

  /** Leaves the rest of a band out of the round if nobody of it can reach as far as all of them have to. */
  private passOver(band: Band, nearest: number, now: number): void {
    const { head } = band;
    if (!head || nearest <= windowAfter(this.rules.mode, now - head.since)) return;
    this.nextAt = Math.min(this.nextAt, this.timeFor(head, nearest));
    this.round?.removeItem(band);
  }

  /** A party never brings more than one team needs, as it plays in one. */
  private ableIn({ class: { masks } }: Entry, role: number): number {
    let count = 0;
    for (const mask of masks) count += (mask >> role) & 1;
    return Math.min(count, this.rules.perTeam[role]);
  }

  private timeFor({ since }: Entry, distance: number): number {
    return distance === Infinity ? Infinity : since + waitUntilWindow(this.rules.mode, distance);
  }

  private distanceOf(skill: number, role: number, wanted: number): number {
    const { chunks } = this.able[role];
    let upChunk = this.able[role].chunkFrom(skill);
    let up = placeFrom(chunks[upChunk], skill);
    let [downChunk, down] = [upChunk, up - 1];
    let found = 0;
    for (;;) {
      if (upChunk < chunks.length && up >= chunks[upChunk].keys.length) [upChunk, up] = [upChunk + 1, 0];
      if (downChunk >= 0 && down < 0) {
        downChunk -= 1;
        down = downChunk >= 0 ? chunks[downChunk].keys.length - 1 : -1;
      }
      const toAbove = upChunk < chunks.length ? chunks[upChunk].keys[up] - skill : Infinity;
      const toBelow = downChunk >= 0 ? skill - chunks[downChunk].keys[down] : Infinity;
      const isAbove = toAbove <= toBelow;
      const entry = isAbove ? chunks[upChunk].entries[up++] : chunks[downChunk].entries[down--];
      found += this.ableIn(entry, role);
      if (found >= wanted) return Math.min(toAbove, toBelow);
    }
  }
}
