import type { Mode } from '../rules/mode.js';

/** Windows and latency limits widen in steps of this, ms: between two steps a ticket needn't be looked at. */
export const wideningStepMs = 250;

/** After this whoever's search stopped early is looked at again, ms. */
export const afterCutMs = 5000;

/** The wait that counts for what widens: whole steps. */
export const widenedWait = (waitedMs: number): number =>
  Math.max(0, Math.floor(waitedMs / wideningStepMs) * wideningStepMs);

/** How far a ticket may reach in skill after a wait: points of skill, Infinity for anyone. */
export function windowAfter({ skill, longestWaitMs = Infinity }: Mode, waitedMs: number): number {
  if (!skill || waitedMs >= longestWaitMs) return Infinity;
  return Math.min(skill.start + (skill.perSecond * widenedWait(waitedMs)) / 1000, skill.most ?? Infinity);
}

/** The wait after which a ticket reaches so far, ms: never more than the mode's longest, Infinity when there is none. */
export function waitUntilWindow(mode: Mode, distance: number): number {
  const { skill, longestWaitMs = Infinity } = mode;
  if (!skill || distance <= Math.min(skill.start, skill.most ?? Infinity)) return 0;
  const isInReach = skill.perSecond > 0 && distance <= (skill.most ?? Infinity);
  if (!isInReach) return longestWaitMs;
  const steps = Math.ceil(((distance - skill.start) / skill.perSecond) * (1000 / wideningStepMs));
  const wait = steps * wideningStepMs;
  // The division's rounding may make it a step too short.
  return Math.min(windowAfter(mode, wait) >= distance ? wait : wait + wideningStepMs, longestWaitMs);
}
