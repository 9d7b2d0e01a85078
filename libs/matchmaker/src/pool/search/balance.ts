import type { Entry } from '../entry.js';
import { missingPlaces } from '../rules/roles.js';

const mostSwaps = 200;

/**
 * Swaps tickets of the same size between teams until no swap brings the teams' skills nearer together. Each team keeps its
 * shape and its roles.
 *
 * @param places what each team needs, see `requiredPlaces`
 * @returns the same teams, changed
 */
export function balance(teams: Entry[][], places: readonly number[]): Entry[][] {
  const sums = teams.map((team) => team.reduce((sum, { skill, class: { size } }) => sum + skill * size, 0));
  for (let swap = 0; swap < mostSwaps; swap += 1) if (!swapBest(teams, sums, places)) break;
  return teams;
}

function swapBest(teams: Entry[][], sums: number[], places: readonly number[]): boolean {
  let best = 1e-9;
  let found: [number, number, number, number] | undefined;
  for (let a = 0; a < teams.length; a += 1)
    for (let b = a + 1; b < teams.length; b += 1) {
      const gap = sums[a] - sums[b];
      for (let i = 0; i < teams[a].length; i += 1)
        for (let j = 0; j < teams[b].length; j += 1) {
          const [one, other] = [teams[a][i], teams[b][j]];
          if (one.class.size !== other.class.size) continue;
          const moved = (one.skill - other.skill) * one.class.size;
          // How much less the sum of the squared sums becomes.
          const gain = 2 * moved * (gap - moved);
          if (gain <= best || !keepsRoles(teams, places, [a, i, b, j])) continue;
          best = gain;
          found = [a, i, b, j];
        }
    }
  if (!found) return false;
  const [a, i, b, j] = found;
  const [one, other] = [teams[a][i], teams[b][j]];
  const moved = (one.skill - other.skill) * one.class.size;
  teams[a][i] = other;
  teams[b][j] = one;
  sums[a] -= moved;
  sums[b] += moved;
  return true;
}

function keepsRoles(
  teams: Entry[][],
  places: readonly number[],
  [a, i, b, j]: [number, number, number, number],
): boolean {
  if (places.length === 0 || teams[a][i].class === teams[b][j].class) return true;
  const masksWith = (team: Entry[], at: number, instead: Entry): number[] =>
    team.flatMap((entry, place) => (place === at ? instead : entry).class.masks);
  return (
    missingPlaces(places, masksWith(teams[a], i, teams[b][j])) === 0 &&
    missingPlaces(places, masksWith(teams[b], j, teams[a][i])) === 0
  );
}
