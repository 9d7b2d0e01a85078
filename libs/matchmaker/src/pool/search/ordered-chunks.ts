import { type Aged, compareAge } from '../age.js';

/** Small enough to shift on insertion, large enough that there are few. */
const chunkSize = 256;

/** A run of neighbours in the order. */
export interface Chunk<E extends Aged> {
  entries: E[];
  /** The key of each: searching them touches no entry, which would be anywhere in memory. */
  keys: number[];
  /** The most that one of them listens, at least; and the classes of which all have enough, at most. */
  listen: number;
  enough: number;
}

/** Entries by a number, those of the same by age, in chunks: inserting and removing shift one chunk only. */
export class OrderedChunks<E extends Aged> {
  readonly chunks: Chunk<E>[] = [];

  constructor(private readonly keyOf: (entry: E) => number) {}

  insertEntry(entry: E): void {
    const key = this.keyOf(entry);
    const at = this.chunkOf(entry);
    const chunk = this.chunks[at];
    if (!chunk) return void this.chunks.push({ entries: [entry], keys: [key], listen: -1, enough: -1 });
    const { entries, keys } = chunk;
    const place = placeIn(chunk, key, entry);
    if (place === keys.length) {
      entries.push(entry);
      keys.push(key);
    } else {
      entries.splice(place, 0, entry);
      keys.splice(place, 0, key);
    }
    if (keys.length <= chunkSize * 2) return;
    const rest = { ...chunk, entries: entries.splice(chunkSize), keys: keys.splice(chunkSize) };
    this.chunks.splice(at + 1, 0, rest);
  }

  removeEntry(entry: E): void {
    const at = this.chunkOf(entry);
    const chunk = this.chunks[at];
    const place = placeIn(chunk, this.keyOf(entry), entry);
    if (chunk.keys.length === 1) return void this.chunks.splice(at, 1);
    chunk.entries.splice(place, 1);
    chunk.keys.splice(place, 1);
  }

  /** How many stand before it. */
  rankOf(entry: E): number {
    const at = this.chunkOf(entry);
    let rank = placeIn(this.chunks[at], this.keyOf(entry), entry);
    for (let i = 0; i < at; i += 1) rank += this.chunks[i].keys.length;
    return rank;
  }

  /** Those around a number, the nearest first; of two at the same distance the one above. Nothing may change meanwhile. */
  *around(key: number): Generator<E, void> {
    const { chunks } = this;
    if (chunks.length === 0) return;
    let upChunk = this.chunkFrom(key);
    let up = placeFrom(chunks[upChunk], key);
    let downChunk = upChunk;
    let down = up - 1;
    for (;;) {
      if (up >= (chunks[upChunk]?.keys.length ?? Infinity)) [upChunk, up] = [upChunk + 1, 0];
      if (down < 0 && downChunk > 0) down = chunks[--downChunk].keys.length - 1;
      const above = upChunk < chunks.length ? chunks[upChunk].keys[up] - key : Infinity;
      const below = down >= 0 ? key - chunks[downChunk].keys[down] : Infinity;
      if (above === Infinity && below === Infinity) return;
      yield above <= below ? chunks[upChunk].entries[up++] : chunks[downChunk].entries[down--];
    }
  }

  copyChunks(twinOf: (entry: E) => E): OrderedChunks<E> {
    const copy = new OrderedChunks<E>(this.keyOf);
    for (const chunk of this.chunks) {
      copy.chunks.push({ ...chunk, entries: chunk.entries.map(twinOf), keys: chunk.keys.slice() });
    }
    return copy;
  }

  /** The chunk that holds the entry, or is to hold it. */
  chunkOf(entry: E): number {
    const key = this.keyOf(entry);
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { keys, entries } = this.chunks[middle];
      const last = keys.length - 1;
      if (keys[last] < key || (keys[last] === key && compareAge(entries[last], entry) < 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first chunk whose last key is not below the key. */
  chunkFrom(key: number): number {
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { keys } = this.chunks[middle];
      if (keys[keys.length - 1] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The place of the first whose key is not below the key. */
export function placeFrom({ keys }: Chunk<Aged>, key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placeIn<E extends Aged>(chunk: Chunk<E>, key: number, entry: E): number {
  const { keys, entries } = chunk;
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBefore = keys[middle] < key || (keys[middle] === key && compareAge(entries[middle], entry) < 0);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
