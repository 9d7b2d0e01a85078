/** How many items each bucket holds, with sums of the first ones in O(log n). Source: P. Fenwick, 1994 (binary indexed tree). */
export class BucketCounts {
  /** From 1: `tree[i]` is the sum of the `i & -i` counts that end with the i-th. */
  private tree = new Int32Array(1);

  constructor(counts: readonly number[] = []) {
    this.rebuild(counts);
  }

  rebuild(counts: readonly number[]): void {
    this.tree = new Int32Array(counts.length + 1);
    for (let index = 1; index < this.tree.length; index++) {
      this.tree[index] += counts[index - 1];
      const parent = index + (index & -index);
      if (parent < this.tree.length) this.tree[parent] += this.tree[index];
    }
  }

  add(bucket: number, difference: number): void {
    for (let index = bucket + 1; index < this.tree.length; index += index & -index) {
      this.tree[index] += difference;
    }
  }

  /** The sum of all counts before the bucket. */
  before(bucket: number): number {
    let sum = 0;
    for (let index = bucket; index > 0; index -= index & -index) sum += this.tree[index];
    return sum;
  }

  /** The bucket in which the item at a position stands, and its place there. */
  locate(position: number): { bucket: number; place: number } {
    let bucket = 0;
    let place = position;
    for (let step = highestBit(this.tree.length); step > 0; step >>= 1) {
      const next = bucket + step;
      if (next < this.tree.length && this.tree[next] <= place) {
        bucket = next;
        place -= this.tree[next];
      }
    }
    return { bucket, place };
  }
}

function highestBit(value: number): number {
  return value > 0 ? 2 ** Math.floor(Math.log2(value)) : 0;
}
