/** An element of a {@link Heap}, which notes the place here, -1 outside. */
export interface HeapItem {
  heapPlace: number;
}

/** A binary heap from which any item can be taken, not only the first. */
export class Heap<T extends HeapItem> {
  private readonly items: T[] = [];

  /** @param isBefore a strict order that holds still while its items are in the heap */
  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get first(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.siftUp(item, this.items.length);
  }

  pop(): T | undefined {
    const first = this.items[0];
    if (first) this.removeItem(first);
    return first;
  }

  removeItem(item: T): void {
    const place = item.heapPlace;
    const last = this.items.pop();
    item.heapPlace = -1;
    if (!last || last === item) return;
    if (place > 0 && this.isBefore(last, this.items[(place - 1) >> 1])) this.siftUp(last, place);
    else this.siftDown(last, place);
  }

  copyHeap(twinOf: (item: T) => T): Heap<T> {
    const copy = new Heap<T>(this.isBefore);
    for (const item of this.items) copy.items.push(twinOf(item));
    return copy;
  }

  private siftUp(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.items[parentPlace];
      if (!this.isBefore(item, parent)) break;
      this.putAt(parent, place);
      place = parentPlace;
    }
    this.putAt(item, place);
  }

  private siftDown(item: T, from: number): void {
    const { length } = this.items;
    let place = from;
    for (;;) {
      let childPlace = 2 * place + 1;
      if (childPlace >= length) break;
      const right = this.items[childPlace + 1];
      if (right && this.isBefore(right, this.items[childPlace])) childPlace += 1;
      const child = this.items[childPlace];
      if (!this.isBefore(child, item)) break;
      this.putAt(child, place);
      place = childPlace;
    }
    this.putAt(item, place);
  }

  private putAt(item: T, place: number): void {
    this.items[place] = item;
    item.heapPlace = place;
  }
}
