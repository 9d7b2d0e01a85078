import { BucketCounts } from './bucket-counts.js';

/** A bucket of more is halved. Moving 512 numbers costs less than another level of a tree. */
const mostInBucket = 512;

/**
 * Numbers in an order of the caller's, with positions: a B-tree of two levels whose upper one counts. Insert, remove and
 * every look-up are O(log n), but for the list of buckets, which is written anew at one insert in some hundred.
 */
export class CountedList {
  private buckets: number[][] = [];
  private readonly counts = new BucketCounts();
  private length = 0;

  /** @param compare a total order: two different items are never equal. It must not change for an item that is in the list. */
  constructor(private readonly compare: (one: number, other: number) => number) {}

  get size(): number {
    return this.length;
  }

  insert(item: number): void {
    this.length += 1;
    const bucket = Math.min(
      this.bucketOf((one) => this.compare(one, item) < 0),
      this.buckets.length - 1,
    );
    const items = this.buckets[bucket];
    if (!items) {
      this.buckets = [[item]];
      return this.recount();
    }
    items.splice(
      partition(items, (one) => this.compare(one, item) < 0),
      0,
      item,
    );
    if (items.length <= mostInBucket) return this.counts.add(bucket, 1);
    this.buckets.splice(bucket + 1, 0, items.splice(mostInBucket / 2));
    this.recount();
  }

  /** Removes an item that is in the list. */
  remove(item: number): void {
    const isBefore = (one: number): boolean => this.compare(one, item) < 0;
    const bucket = this.bucketOf(isBefore);
    const items = this.buckets[bucket] ?? [];
    const place = partition(items, isBefore);
    if (items[place] !== item) throw new Error('An item to be removed is not in the list');
    items.splice(place, 1);
    this.length -= 1;
    if (items.length > 0) return this.counts.add(bucket, -1);
    this.buckets.splice(bucket, 1);
    this.recount();
  }

  /** How many items stand at the list's beginning for which `isBefore` holds; it must not hold again after one for which it doesn't. */
  countWhile(isBefore: (item: number) => boolean): number {
    const bucket = this.bucketOf(isBefore);
    return this.counts.before(bucket) + partition(this.buckets[bucket] ?? [], isBefore);
  }

  /** From 0. */
  positionOf(item: number): number {
    return this.countWhile((one) => this.compare(one, item) < 0);
  }

  /** The items from a position on, at most so many. */
  *from(position: number, count: number): Generator<number> {
    if (position >= this.length) return;
    let { bucket, place } = this.counts.locate(Math.max(0, position));
    for (let left = count; left > 0; left--) {
      const items = this.buckets[bucket];
      if (!items) return;
      yield items[place];
      place += 1;
      if (place < items.length) continue;
      bucket += 1;
      place = 0;
    }
  }

  /** The first bucket with an item for which `isBefore` doesn't hold; the number of buckets when there is none. */
  private bucketOf(isBefore: (item: number) => boolean): number {
    return partition(this.buckets, (items) => isBefore(items[items.length - 1]));
  }

  private recount(): void {
    this.counts.rebuild(this.buckets.map(({ length }) => length));
  }
}

/** The index of the first one for which `isBefore` doesn't hold, by halving. */
function partition<T>(list: readonly T[], isBefore: (one: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
