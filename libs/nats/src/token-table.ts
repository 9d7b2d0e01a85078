const smallest = 1_024;

/**
 * Questions that wait for answers, by token. A ring of places and not a Map, whose tables, as they are rehashed, keep garbage alive until a
 * full collection: each minor one then takes some ms longer (docs/measurements/rpc.md). A token is a running number, and its last bits are
 * its place.
 */
export class TokenTable<T> {
  private items: (T | undefined)[] = new Array<T | undefined>(smallest);
  private tokens: number[] = new Array<number>(smallest).fill(-1);
  private next = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** A token to be added at once: the one after it may have no place otherwise. */
  nextToken(): number {
    if (this.count * 2 >= this.items.length) this.growTable();
    // A place may still be taken by a slow call of an earlier round.
    while (this.items[this.placeOf(this.next)] !== undefined) this.next++;
    return this.next++;
  }

  addEntry(token: number, item: T): void {
    const place = this.placeOf(token);
    this.items[place] = item;
    this.tokens[place] = token;
    this.count++;
  }

  /** Undefined also for a value that is no token, such as NaN. */
  get(token: number): T | undefined {
    const place = this.placeOf(token);
    return this.tokens[place] === token ? this.items[place] : undefined;
  }

  /** @returns whether it was still there */
  delete(token: number): boolean {
    if (this.get(token) === undefined) return false;
    this.items[this.placeOf(token)] = undefined;
    this.count--;
    return true;
  }

  all(): T[] {
    return this.items.filter((item) => item !== undefined);
  }

  /** As they are now, the oldest token first. */
  entries(): [token: number, item: T][] {
    const { items, tokens } = this;
    if (this.count === 0) return [];
    const found = items.flatMap((item, place): [number, T][] =>
      item === undefined ? [] : [[tokens[place], item]],
    );
    return found.sort(([one], [other]) => one - other);
  }

  private placeOf(token: number): number {
    return token % this.items.length;
  }

  private growTable(): void {
    const { items, tokens } = this;
    this.items = new Array<T | undefined>(items.length * 2);
    this.tokens = new Array<number>(items.length * 2).fill(-1);
    for (let index = 0; index < items.length; index++) {
      if (items[index] === undefined) continue;
      this.items[this.placeOf(tokens[index])] = items[index];
      this.tokens[this.placeOf(tokens[index])] = tokens[index];
    }
  }
}
