import { createHash } from 'node:crypto';
import { slotCount } from './table.js';

/** Slots from the first one up to the second, which isn't among them. */
export type SlotRange = [from: number, until: number];

/**
 * The slot of a player, 0 to 9,999: evenly spread, and the same for ever under one salt.
 *
 * Weights are kept as sets of slots rather than as thresholds on the hash, because thresholds of several canaries would
 * push each other along: with sets, a changed weight moves exactly the share that must move.
 */
export function slotOf(playerId: string, salt: string): number {
  return createHash('sha256').update(`${salt}:${playerId}`).digest().readUInt32BE(0) % slotCount;
}

/** Whether a slot is in one of the ranges. */
export function hasSlot(ranges: SlotRange[], slot: number): boolean {
  return ranges.some(([from, until]) => from <= slot && slot < until);
}

/** How many slots a weight is, percent. */
export const slotsOfWeight = (weight: number): number => Math.round((weight * slotCount) / 100);

/** Whether it is a share of the players: 0 to 100 percent, in whole slots. */
export function isWeight(weight: number): boolean {
  return weight >= 0 && weight <= 100 && (slotsOfWeight(weight) * 100) / slotCount === weight;
}

/** How many slots the ranges have together. */
export function slotsOf(ranges: SlotRange[]): number {
  return ranges.reduce((sum, [from, until]) => sum + (until - from), 0);
}

/** Whether no slot is in two of the ranges, and none of them is empty. */
export function isDisjoint(ranges: SlotRange[]): boolean {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  return sorted.every(([from, until], i) => from < until && (i === 0 || (sorted[i - 1]?.[1] ?? 0) <= from));
}

/**
 * The slots of a canary at a new weight. It keeps what it has as far as it may, and takes what it needs from those that no
 * canary has, which are the stable version's.
 *
 * @param own the canary's slots now
 * @param others the slots of the other canaries
 * @param weight percent
 * @returns undefined when the others leave too little
 */
export function resizeShare(own: SlotRange[], others: SlotRange[], weight: number): SlotRange[] | undefined {
  const wanted = slotsOfWeight(weight);
  if (slotsOf(own) >= wanted) return firstSlots(own, wanted);
  const free = complement([...own, ...others]);
  const missing = wanted - slotsOf(own);
  if (slotsOf(free) < missing) return undefined;
  return mergeSlots([...own, ...firstSlots(free, missing)]);
}

function firstSlots(ranges: SlotRange[], count: number): SlotRange[] {
  let left = count;
  return ranges.flatMap(([from, until]): SlotRange[] => {
    const taken = Math.min(left, until - from);
    left -= taken;
    return taken > 0 ? [[from, from + taken]] : [];
  });
}

function complement(ranges: SlotRange[]): SlotRange[] {
  let at = 0;
  const free: SlotRange[] = [];
  for (const [from, until] of mergeSlots(ranges)) {
    if (from > at) free.push([at, from]);
    at = until;
  }
  return at < slotCount ? [...free, [at, slotCount]] : free;
}

function mergeSlots(ranges: SlotRange[]): SlotRange[] {
  const merged: SlotRange[] = [];
  for (const [from, until] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && last[1] === from) last[1] = until;
    else merged.push([from, until]);
  }
  return merged;
}
