import type { Mode } from './mode.js';

/** How far a ticket may reach in skill after a wait: points of skill, Infinity for anyone. */
export function windowAfter({ skill, longestWaitMs = Infinity }: Mode, waitedMs: number): number {
  if (!skill || waitedMs >= longestWaitMs) return Infinity;
  return Math.min(skill.start + (skill.perSecond * waitedMs) / 1000, skill.most ?? Infinity);
}

/** The wait after which a ticket reaches so far, ms: never more than the mode's longest, Infinity when there is none. */
export function waitUntilWindow({ skill, longestWaitMs = Infinity }: Mode, distance: number): number {
  if (!skill || distance <= skill.start) return 0;
  const isInReach = skill.perSecond > 0 && distance <= (skill.most ?? Infinity);
  const wait = isInReach ? ((distance - skill.start) / skill.perSecond) * 1000 : Infinity;
  return Math.min(wait, longestWaitMs);
}
