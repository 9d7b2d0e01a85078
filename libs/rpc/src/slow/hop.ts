/** One call that took its part of a slow request. */
export interface Hop {
  /** The server that answered, or where the call went as far as known. */
  to: string;
  handler: string;
  ms: number;
  /** The code that it failed with. */
  failed?: string;
  /** Calls that it made itself, and that took long. */
  hops?: Hop[];
}

/** A call is told of as a hop that takes this share of what is slow, as several may add up. */
export const notableShare = 0.1;
/** Hops that one server lists at most: a loop of calls fills no log. */
export const mostHops = 16;
/** Bytes of a header. */
const longestText = 4_096;

/** As a header's value: names are ASCII, and JSON has no line breaks. Undefined where there is nothing to tell, or too much. */
export function encodeHops(hops: readonly Hop[] | undefined): string | undefined {
  if (!hops || hops.length === 0) return undefined;
  const text = JSON.stringify(hops);
  return text.length <= longestText ? text : undefined;
}

/** Never throws: what can't be read is not there. */
export function decodeHops(text: string): Hop[] | undefined {
  if (text === '') return undefined;
  try {
    const hops: unknown = JSON.parse(text);
    return Array.isArray(hops) ? (hops as Hop[]).slice(0, mostHops) : undefined;
  } catch {
    return undefined;
  }
}
