import type { Entry } from './entry.js';

/** Small enough to shift on insertion, large enough that there are few. */
const chunkSize = 256;

/** A run of neighbours in the order. */
export interface Chunk {
  entries: Entry[];
  /** The most that one of them listens, at least; and the classes of which all have enough, at most. */
  listen: number;
  enough: number;
}

/** Entries in an order, in chunks: inserting and removing shift one chunk only. */
export class OrderedChunks {
  readonly chunks: Chunk[] = [];
  size = 0;

  constructor(private readonly compare: (a: Entry, b: Entry) => number) {}

  add(entry: Entry): void {
    this.size += 1;
    const at = this.chunkOf(entry);
    const chunk = this.chunks[at];
    if (!chunk) return void this.chunks.push({ entries: [entry], listen: -1, enough: -1 });
    const { entries } = chunk;
    const last = entries.at(-1);
    if (last && this.compare(last, entry) < 0) entries.push(entry);
    else entries.splice(this.placeIn(entries, entry), 0, entry);
    if (entries.length > chunkSize * 2)
      this.chunks.splice(at + 1, 0, { ...chunk, entries: entries.splice(chunkSize) });
  }

  remove(entry: Entry): void {
    const at = this.chunkOf(entry);
    const entries = this.chunks[at]?.entries ?? [];
    const place = this.placeIn(entries, entry);
    if (entries[place] !== entry) return;
    this.size -= 1;
    if (entries.length === 1) this.chunks.splice(at, 1);
    else entries.splice(place, 1);
  }

  /** How many stand before it. */
  rankOf(entry: Entry): number {
    const at = this.chunkOf(entry);
    let rank = this.placeIn(this.chunks[at]?.entries ?? [], entry);
    for (let i = 0; i < at; i += 1) rank += this.chunks[i]?.entries.length ?? 0;
    return rank;
  }

  copy(twins: ReadonlyMap<Entry, Entry>): OrderedChunks {
    const copy = new OrderedChunks(this.compare);
    copy.size = this.size;
    for (const chunk of this.chunks)
      copy.chunks.push({ ...chunk, entries: chunk.entries.map((entry) => twins.get(entry) ?? entry) });
    return copy;
  }

  /** The chunk that holds the entry, or is to hold it. */
  chunkOf(entry: Entry): number {
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.chunks[middle]?.entries.at(-1);
      if (last && this.compare(last, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placeIn(entries: Entry[], entry: Entry): number {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(entries[middle], entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
