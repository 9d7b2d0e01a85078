/**
 * Gives things by their ids, the first one first, and orders no more of them than are asked for: a page of 10,000 rooms costs a look at each, and
 * not that all are sorted.
 *
 * @param items is given another order
 */
export function* inOrder<T extends { readonly id: string }>(items: T[]): Generator<T, void> {
  for (let place = (items.length >> 1) - 1; place >= 0; place -= 1) siftDown(items, place, items.length);
  for (let left = items.length - 1; left >= 0; left -= 1) {
    const [first] = items;
    items[0] = items[left];
    siftDown(items, 0, left);
    yield first;
  }
}

/** In a heap, the first of which is the least. */
function siftDown<T extends { readonly id: string }>(items: T[], from: number, count: number): void {
  const item = items[from];
  if (from >= count) return;
  let place = from;
  for (let child = 2 * place + 1; child < count; child = 2 * place + 1) {
    if (child + 1 < count && items[child + 1].id < items[child].id) child += 1;
    if (item.id <= items[child].id) break;
    items[place] = items[child];
    place = child;
  }
  items[place] = item;
}
