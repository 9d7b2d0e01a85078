import { masksOf } from '../ticket-class.js';
import type { Ticket } from '../ticket.js';
import type { Mode } from './mode.js';

/** The roles that a team needs: for each place that is kept for a role, the role's bit. */
export function requiredPlaces({ roles }: Mode): number[] {
  return Object.values(roles?.perTeam ?? {}).flatMap((count, i) => Array<number>(count).fill(1 << i));
}

/**
 * Gives as many places as possible to players who could play them.
 *
 * @param places the bit of each place's role
 * @param masks the bits of each player's roles
 * @returns for each place its player, -1 where nobody is left for it
 */
export function assignPlaces(places: readonly number[], masks: readonly number[]): number[] {
  const playerOf = Array<number>(places.length).fill(-1);
  const placeOf = Array<number>(masks.length).fill(-1);
  const give = (place: number, seen: boolean[]): boolean => {
    for (let player = 0; player < masks.length; player += 1) {
      if (seen[player] || (masks[player] & places[place]) === 0) continue;
      seen[player] = true;
      // A player who has another place gives this one up for one more.
      const other = placeOf[player];
      if (other >= 0 && !give(other, seen)) continue;
      placeOf[player] = place;
      playerOf[place] = player;
      return true;
    }
    return false;
  };
  for (let place = 0; place < places.length; place += 1) give(place, []);
  return playerOf;
}

/** How many of the places nobody is there for. */
export function missingPlaces(places: readonly number[], masks: readonly number[]): number {
  if (places.length === 0) return 0;
  if (places.length === 1) {
    for (const mask of masks) if ((mask & places[0]) !== 0) return 0;
    return 1;
  }
  return assignPlaces(places, masks).filter((player) => player < 0).length;
}

/**
 * Whether a team has places for these beside those that it keeps for roles which none of them could play. A match that does without roles after a
 * wait has, and a running match may.
 */
export function hasPlacesFor(mode: Mode, party: Pick<Ticket, 'players' | 'roles'>): boolean {
  const { roles, backfill, teamSize } = mode;
  if (!roles || roles.untilMs !== undefined || backfill) return true;
  const masks = masksOf(Object.keys(roles.perTeam), party);
  return missingPlaces(requiredPlaces(mode), masks) <= teamSize - party.players.length;
}
