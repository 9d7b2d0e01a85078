import type { Mode } from './mode.js';
import { requiredPlaces } from './roles.js';
import { type Ticket, unknownLatencyMs } from '../ticket.js';
import { wideningStepMs } from '../search/window.js';

/** A mode's rules in the form that matching works with. */
export interface Rules {
  mode: Mode;
  roles: string[];
  /** Players of each role that a team needs. */
  perTeam: number[];
  /** See `requiredPlaces`. */
  places: number[];
  regions: string[];
  /** Ms, of each region. */
  limits: number[];
  /** As far as this in skill, teams of like parties go before the nearest ones. */
  likeReach: number;
}

/** A mode, prepared for the search: names become indexes. */
export function rulesOf(mode: Mode): Rules {
  return {
    mode,
    roles: Object.keys(mode.roles?.perTeam ?? {}),
    perTeam: Object.values(mode.roles?.perTeam ?? {}),
    places: requiredPlaces(mode),
    regions: Object.keys(mode.latency?.limitsMs ?? {}),
    limits: Object.values(mode.latency?.limitsMs ?? {}),
    likeReach: mode.skill?.start ?? Infinity,
  };
}

/** Ms by region, in the order of the rules. */
export function latencyOf({ regions }: Rules, { latencyMs }: Ticket): number[] | undefined {
  if (regions.length === 0) return undefined;
  return regions.map((region) => latencyMs?.[region] ?? unknownLatencyMs);
}

/** The wait after which the limits have grown by so much, ms; Infinity when they don't grow. */
export function waitUntilExtra({ mode: { latency } }: Rules, extraMs: number): number {
  const perSecond = latency?.perSecondMs ?? 0;
  if (perSecond === 0) return Infinity;
  const steps = Math.ceil((extraMs / perSecond) * (1000 / wideningStepMs) - 1e-9);
  return steps * wideningStepMs;
}

/**
 * Where these are to play, as an index: of the regions whose limits they keep, that in which the worst off has the least
 * latency; where there is none, the same of all. -1 in a mode without.
 */
export function bestRegion(
  { regions, limits }: Rules,
  extraMs: number,
  latencies: ReadonlyArray<number[] | undefined>,
): number {
  let [best, least, isKept] = [-1, Infinity, false];
  for (let region = 0; region < regions.length; region += 1) {
    let worst = 0;
    for (const latency of latencies) worst = Math.max(worst, latency?.[region] ?? 0);
    const keeps = worst <= limits[region] + extraMs;
    if ((keeps && !isKept) || (keeps === isKept && worst < least))
      [best, least, isKept] = [region, worst, keeps];
  }
  return best;
}
