import { checkAttributes } from './attributes.js';
import type { Mode } from './mode.js';
import { hasPlacesFor } from './roles.js';

/** A party's wish. Not checked yet: anything may stand in it. */
export interface JoinRequest {
  players: readonly string[];
  attributes?: unknown;
  /** For each of `players` the roles that the player could play. */
  roles?: unknown;
  /** By region, ms. */
  latencyMs?: unknown;
  /** The source of these words; a server when left out. */
  by?: 'client' | 'server';
}

/** A field of a join that breaks the mode's rules. */
export interface JoinProblem {
  /** One attribute by its name: `attributes.skill`. */
  field: 'players' | 'attributes' | `attributes.${string}` | 'roles' | 'latencyMs';
  /** For people; of an attribute it begins with the problem's name: `out-of-bounds, expected a number from 0 to 10`. */
  problem: string;
}

/** Tells why a party can't queue in a mode; nothing when it can. */
export function checkJoin(mode: Mode, request: JoinRequest): JoinProblem[] {
  const { players, attributes = {}, roles, latencyMs, by } = request;
  const problems = [
    ...partyProblems(mode, players),
    ...checkAttributes(mode, attributes, by).map(({ attribute, problem, expected }): JoinProblem => {
      const field = attribute === '' ? 'attributes' : (`attributes.${attribute}` as const);
      return { field, problem: `${problem}, expected ${expected}` };
    }),
    ...roleProblems(mode, players, roles),
    ...latencyProblems(mode, latencyMs),
  ];
  return problems.length > 0 ? problems : placeProblems(mode, players, roles as string[][] | undefined);
}

function partyProblems({ minParty = 1, maxParty }: Mode, players: readonly string[]): JoinProblem[] {
  const limits = minParty === maxParty ? `exactly ${maxParty}` : `${minParty} to ${maxParty}`;
  if (players.length < minParty || players.length > maxParty)
    return [{ field: 'players', problem: `a party of ${players.length}, where ${limits} may queue` }];
  if (new Set(players).size < players.length)
    return [{ field: 'players', problem: 'a player is in the party twice' }];
  return [];
}

function roleProblems({ roles: rule }: Mode, players: readonly string[], given: unknown): JoinProblem[] {
  if (given === undefined) return [];
  const known = Object.keys(rule?.perTeam ?? {});
  const isList =
    Array.isArray(given) &&
    given.length === players.length &&
    given.every((roles) => Array.isArray(roles) && roles.length <= known.length);
  const isKnown = isList && (given as unknown[][]).flat().every((role) => known.includes(role as string));
  if (isKnown) return [];
  const expected = known.length > 0 ? `each of ${known.join(', ')} at most once` : 'none in this mode';
  return [{ field: 'roles', problem: `expected a list of roles for each player, ${expected}` }];
}

function latencyProblems({ latency: rule }: Mode, given: unknown): JoinProblem[] {
  const regions = Object.keys(rule?.limitsMs ?? {});
  if (!rule && given === undefined) return [];
  const problem = rule
    ? `expected ms by region, 0 to 10000, of ${regions.join(', ')}`
    : 'this mode has no latency limits';
  if (!rule || typeof given !== 'object' || given === null) return [{ field: 'latencyMs', problem }];
  const entries = Object.entries(given);
  const isRight =
    entries.length > 0 &&
    entries.every(([region, value]) => {
      const isMeasured = typeof value === 'number' && value >= 0 && value <= 10_000;
      return isMeasured && regions.includes(region);
    });
  return isRight ? [] : [{ field: 'latencyMs', problem }];
}

/** A party that no match would ever have a place for is told so at once. */
function placeProblems(mode: Mode, players: readonly string[], roles?: string[][]): JoinProblem[] {
  if (hasPlacesFor(mode, { players: [...players], roles })) return [];
  const kept = Object.entries(mode.roles?.perTeam ?? {}).map(([role, count]) => `${count} ${role}`);
  return [
    { field: 'roles', problem: `a team of ${mode.teamSize} with ${kept.join(', ')} has no place for these` },
  ];
}
