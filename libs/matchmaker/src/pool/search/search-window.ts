import type { Entry } from '../entry.js';
import { type OrderedChunks, placeFrom } from './ordered-chunks.js';

/** The entries that a ticket can see, and when it will see more. */
export interface SearchWindow {
  /** Not to be found. */
  self: Entry | undefined;
  skill: number;
  reach: number;
  /** The region whose latency counts, as an index into the mode's limits, and how much it may be, ms. -1: none does. */
  region: number;
  limitMs: number;
}

/** The findings of a look at one class beside the entries. */
export interface SearchResult {
  /** The nearest beyond the reach, Infinity where there is none. */
  beyond: number;
  /** The least that a latency is above the limit, ms; Infinity where all are within. */
  excessMs: number;
  /** Whether as many as were asked for are there. */
  isEnough: boolean;
  /** Whether it gave up before it had looked at all. */
  isCut: boolean;
}

/** Entries whose latency is too high that one look passes over. */
const mostRefused = 512;

/**
 * The nearest entries of a class, which go into `into` with their distance, nearest first. Looks no further than it has to,
 * and allocates nothing but the result: this is where matching spends its time.
 */
export function findNearest(
  index: OrderedChunks<Entry>,
  window: SearchWindow,
  most: number,
  into: Entry[],
): SearchResult {
  const { self, skill, reach, region, limitMs } = window;
  const { chunks } = index;
  const result: SearchResult = { beyond: Infinity, excessMs: Infinity, isEnough: false, isCut: false };
  let upChunk = index.chunkFrom(skill);
  let up = chunks.length > 0 ? placeFrom(chunks[upChunk], skill) : 0;
  let downChunk = upChunk;
  let down = up - 1;
  let [found, refused] = [0, 0];
  while (found < most) {
    while (upChunk < chunks.length && up >= chunks[upChunk].keys.length) {
      upChunk += 1;
      up = 0;
    }
    while (downChunk >= 0 && down < 0) {
      downChunk -= 1;
      down = downChunk >= 0 ? chunks[downChunk].keys.length - 1 : -1;
    }
    const toAbove = upChunk < chunks.length ? chunks[upChunk].keys[up] - skill : Infinity;
    const toBelow = downChunk >= 0 && chunks.length > 0 ? skill - chunks[downChunk].keys[down] : Infinity;
    if (toAbove === Infinity && toBelow === Infinity) return result;
    const isAbove = toAbove <= toBelow;
    const distance = isAbove ? toAbove : toBelow;
    if (distance > reach) {
      result.beyond = distance;
      return result;
    }
    const entry = isAbove ? chunks[upChunk].entries[up++] : chunks[downChunk].entries[down--];
    if (entry === self) continue;
    const excess = region < 0 || !entry.latency ? 0 : entry.latency[region] - limitMs;
    if (excess > 0) {
      result.excessMs = Math.min(result.excessMs, excess);
      refused += 1;
      if (refused <= mostRefused || reach === Infinity) continue;
      result.isCut = true;
      return result;
    }
    entry.distance = distance;
    into.push(entry);
    found += 1;
  }
  result.isEnough = true;
  return result;
}
