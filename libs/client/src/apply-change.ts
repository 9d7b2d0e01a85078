import type { ViewChange } from '@ccgame/protocol';

type Key = string | number;
type Container = Record<Key, unknown>;

/**
 * A room's view after a change, as docs/protocol.md tells it. The view before stays as it is; parts that didn't change are the same objects
 * in both.
 *
 * @throws RangeError for a change of another view
 */
export function applyChange<T extends object>(view: T, change: ViewChange): T {
  const after = (Array.isArray(view) ? [...(view as unknown[])] : { ...view }) as Container & {
    length?: number;
  };
  for (const [key, value] of Object.entries(change)) {
    if (key === '__proto__') continue;
    if (Array.isArray(after) && !fitsList(after, key, value)) throw new RangeError(`Not in the list: ${key}`);
    if (value === null) delete after[key];
    else if (Array.isArray(value)) after[key] = value[0];
    else if (typeof value === 'object') after[key] = applyChange(partOf(after, key), value);
    else after[key] = value;
  }
  return after as T;
}

function partOf(view: Container, key: Key): object {
  const part = view[key];
  if (typeof part !== 'object' || part === null) throw new RangeError(`No object: ${key}`);
  return part;
}

/** A list is cut by its length, and grows by one item after the other: none has holes, of which billions would be as quickly told. */
function fitsList({ length }: readonly unknown[], key: string, value: unknown): boolean {
  const most = Number(key === 'length' ? value : key);
  return Number.isInteger(most) && most >= 0 && most <= length;
}
