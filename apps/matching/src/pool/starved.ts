import { AgeQueue } from './age-queue.js';
import type { Entry } from './entry.js';
import { OrderedChunks, placeFrom } from './ordered-chunks.js';
import type { Rules } from './rules.js';
import { waitUntilWindow, windowAfter } from './window.js';

const bySkill = ({ skill }: Entry): number => skill;

/**
 * The tickets that wait for a role: not enough who could play it are in their reach. When one comes there may be thousands
 * of them, of whom few get him; so they are not woken but asked in turn, as long as there is somebody to be had.
 */
export class Starved {
  private waiting = new AgeQueue('starved');
  /** For each role, who could play it. */
  private able: OrderedChunks[];
  /** For each role, how many players could, see `ableIn`. */
  private readonly supply: number[];
  /** When one of those who wait could see enough, epoch ms. */
  private nextAt = Infinity;
  private isAsking = false;

  constructor(private readonly rules: Rules) {
    this.able = rules.roles.map(() => new OrderedChunks(bySkill));
    this.supply = rules.roles.map(() => 0);
  }

  copy(twins: ReadonlyMap<Entry, Entry>): Starved {
    const copy = new Starved(this.rules);
    copy.waiting = this.waiting.copy(twins);
    copy.able = this.able.map((one) => one.copy(twins));
    this.supply.forEach((count, role) => (copy.supply[role] = count));
    copy.nextAt = this.nextAt;
    return copy;
  }

  get nextLookAt(): number {
    return this.nextAt;
  }

  /** A ticket came to the bucket. */
  came(entry: Entry): void {
    for (let role = 0; role < this.able.length; role += 1) {
      const count = this.ableIn(entry, role);
      if (count === 0) continue;
      this.able[role].add(entry);
      this.supply[role] += count;
      this.nextAt = 0;
    }
  }

  left(entry: Entry): void {
    for (let role = 0; role < this.able.length; role += 1) {
      const count = this.ableIn(entry, role);
      if (count === 0) continue;
      this.able[role].remove(entry);
      this.supply[role] -= count;
    }
  }

  /** How far a ticket has to reach that so many teams have their roles, at least. */
  distanceFor(entry: Entry, teams: number): number {
    let furthest = 0;
    for (let role = 0; role < this.able.length; role += 1) {
      const wanted = teams * this.rules.perTeam[role];
      const isThere = this.supply[role] >= wanted;
      furthest = Math.max(furthest, isThere ? this.distanceOf(entry, role, wanted) : Infinity);
    }
    return furthest;
  }

  /** Lets a ticket wait that would have to reach so far. */
  add(entry: Entry, distance: number): void {
    this.waiting.push(entry);
    this.nextAt = Math.min(this.nextAt, this.timeFor(entry, distance));
  }

  /** Begins to ask those who wait, if one of them could see enough by now. */
  ask(now: number): void {
    this.isAsking = this.nextAt <= now;
    if (!this.isAsking) return;
    this.nextAt = Infinity;
    this.waiting.restart();
  }

  /** The oldest of those not asked yet who sees enough; nothing more when there is too little for anybody. */
  first(now: number): Entry | undefined {
    if (!this.isAsking) return undefined;
    const { mode, perTeam } = this.rules;
    const fewest = mode.fewer?.teams ?? mode.teams;
    if (this.supply.every((supply, role) => supply >= fewest * perTeam[role]))
      for (let entry = this.waiting.first(); entry; entry = this.waiting.first()) {
        const waited = now - entry.since;
        const teams = waited >= (mode.fewer?.afterMs ?? Infinity) ? fewest : mode.teams;
        const distance = this.distanceFor(entry, teams);
        if (distance <= windowAfter(mode, waited)) return entry;
        this.nextAt = Math.min(this.nextAt, this.timeFor(entry, distance));
        this.waiting.skip();
      }
    this.isAsking = false;
    return undefined;
  }

  /** The pass ends before all were asked. */
  interrupt(): void {
    if (this.isAsking) this.nextAt = 0;
  }

  /** Everybody, who then doesn't wait here any more. */
  *release(): Generator<Entry> {
    this.waiting.restart();
    for (let entry = this.waiting.first(); entry; entry = this.waiting.first()) {
      this.waiting.skip();
      yield entry;
    }
  }

  /** Of a party never more than one team needs, as it plays in one. */
  private ableIn({ class: { masks } }: Entry, role: number): number {
    let count = 0;
    for (const mask of masks) count += (mask >> role) & 1;
    return Math.min(count, this.rules.perTeam[role]);
  }

  private timeFor({ since }: Entry, distance: number): number {
    return distance === Infinity ? Infinity : since + waitUntilWindow(this.rules.mode, distance);
  }

  private distanceOf({ skill }: Entry, role: number, wanted: number): number {
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
