import type { ViewChange } from '@ccgame/protocol';

type Key = string | number;
type Container = Record<Key, unknown>;

/**
 * A room's view after a change, as docs/protocol.md tells it. The view before stays as it is; parts that didn't change are the same objects
 * in both.
 */
export function applyChange<T extends object>(view: T, change: ViewChange): T {
  const after = (Array.isArray(view) ? [...(view as unknown[])] : { ...view }) as Container & {
    length?: number;
  };
  for (const [key, value] of Object.entries(change)) {
    if (key === '__proto__') continue;
    if (value === null) delete after[key];
    else if (Array.isArray(value)) after[key] = value[0];
    else if (typeof value === 'object') after[key] = applyChange(after[key] as object, value);
    else after[key] = value;
  }
  return after as T;
}
