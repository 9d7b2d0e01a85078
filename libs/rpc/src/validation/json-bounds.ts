/** How much one input from outside may hold, whatever its bytes. */
export interface JsonBounds {
  /** Levels of objects and lists. */
  depth: number;
  /** Fields of objects and lists or objects inside of lists, all together. */
  entries: number;
  /** Items of one list. */
  items: number;
}

/** For what a player or a game server sends. A check costs some µs an entry: more of them than this would be felt. */
export const inputBounds: JsonBounds = { depth: 32, entries: 2_048, items: 16_384 };

/** Whether parsed JSON is within its bounds and holds no binary; stops at the first that is too much. */
export function isWithin(value: unknown, { depth, entries, items }: JsonBounds): boolean {
  return entriesLeft(value, depth, entries, items) >= 0;
}

/** How many entries may still come; below 0: too many, or too deep. */
function entriesLeft(value: unknown, depth: number, entries: number, items: number): number {
  if (typeof value !== 'object' || value === null) return entries;
  if (depth === 0 || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return -1;
  let left = entries;
  if (Array.isArray(value)) {
    if (value.length > items) return -1;
    for (const item of value as unknown[]) {
      if (typeof item === 'object' && item !== null) left = entriesLeft(item, depth - 1, left - 1, items);
      if (left < 0) return left;
    }
    return left;
  }
  for (const key in value) {
    left = entriesLeft((value as Record<string, unknown>)[key], depth - 1, left - 1, items);
    if (left < 0) return left;
  }
  return left;
}
