import type { Mode } from '../rules/mode.js';
import { widenedWait, windowAfter } from './window.js';

/** How many players make a match. */
export interface MatchSize {
  teams: number;
  teamSize: number;
}

/** The limits for a ticket that has waited for so long. Each is laxer after a longer wait, never stricter. */
export interface Terms {
  /** Points of skill. */
  reach: number;
  /** Added to each latency limit, ms. */
  extraMs: number;
  /** Whether latency and skill have ceased to matter. */
  isAnyone: boolean;
  /** Whether every team must have its roles, and not only should. */
  needsRoles: boolean;
  /** The largest first. */
  sizes: MatchSize[];
  /** The fewest teams that one of them has. */
  fewestTeams: number;
  /** The wait after which one of these changes otherwise than by widening, ms; Infinity: never. */
  nextChangeMs: number;
}

/** The conditions of a ticket that has waited so long: they widen with the wait. @param waitedMs ms */
export function termsAfter(mode: Mode, waitedMs: number): Terms {
  const { roles, latency, fewer, longestWaitMs = Infinity } = mode;
  const rolesUntil = roles ? (roles.untilMs ?? Infinity) : 0;
  const fewerAfter = fewer?.afterMs ?? Infinity;
  const isLate = fewer !== undefined && waitedMs >= fewerAfter;
  const later = (at: number): number => (at > waitedMs ? at : Infinity);
  return {
    reach: windowAfter(mode, waitedMs),
    extraMs: ((latency?.perSecondMs ?? 0) * widenedWait(waitedMs)) / 1000,
    isAnyone: waitedMs >= longestWaitMs,
    needsRoles: waitedMs < rolesUntil,
    sizes: isLate ? smallerSizes(mode, fewer) : [fullSize(mode)],
    fewestTeams: isLate ? (fewer.teams ?? mode.teams) : mode.teams,
    nextChangeMs: Math.min(later(longestWaitMs), later(rolesUntil), later(fewerAfter)),
  };
}

const fullSize = ({ teams, teamSize }: Mode): MatchSize => ({ teams, teamSize });

const sizesOf = new WeakMap<Mode, MatchSize[]>();

/** All that are allowed, those with most players first; of as many players those with most teams. */
function smallerSizes(mode: Mode, fewer: NonNullable<Mode['fewer']>): MatchSize[] {
  const known = sizesOf.get(mode);
  if (known) return known;
  const sizes: MatchSize[] = [];
  for (let teams = fewer.teams ?? mode.teams; teams <= mode.teams; teams += 1)
    for (let teamSize = fewer.teamSize ?? mode.teamSize; teamSize <= mode.teamSize; teamSize += 1)
      sizes.push({ teams, teamSize });
  sizes.sort((a, b) => b.teams * b.teamSize - a.teams * a.teamSize || b.teams - a.teams);
  sizesOf.set(mode, sizes);
  return sizes;
}
