import { rolesTaken } from './backfill.js';
import type { Entry } from '../entry.js';
import type { Teams } from './form-match.js';
import type { BackfillMatch } from './backfill-requests.js';
import { assignPlaces } from '../rules/roles.js';
import { bestRegion, type Rules } from '../rules/rules.js';
import { masksOf } from '../ticket-class.js';
import type { FormedMatch, Ticket } from '../ticket.js';

/** A new match, with who plays what, and where. @param extraMs what its latency limits have grown by */
export function formedMatch(rules: Rules, teams: Teams, extraMs: number): FormedMatch {
  const match: FormedMatch = { teams: ticketsOf(teams) };
  if (rules.roles.length > 0) match.roles = rolesIn(rules, teams);
  const latencies = teams.flat().map(({ latency }) => latency);
  const region = bestRegion(rules, extraMs, latencies);
  if (region >= 0) match.region = rules.regions[region];
  return match;
}

/** Players who join a running match. */
export function formedBackfill(rules: Rules, { request, teams }: BackfillMatch): FormedMatch {
  const match: FormedMatch = { teams: ticketsOf(teams), backfill: request };
  if (rules.roles.length > 0) match.roles = rolesTaken(rules, request, teams);
  if (request.region !== undefined) match.region = request.region;
  return match;
}

/** The role of each player who fills a kept place. */
function rolesIn({ roles, places }: Rules, teams: Teams): Record<string, string> {
  // Without a prototype: names that no two of them share would make a hidden class each.
  const played = Object.create(null) as Record<string, string>;
  for (const team of teams) {
    const players: string[] = [];
    const masks: number[] = [];
    for (const { ticket } of team) {
      players.push(...ticket.players);
      masks.push(...masksOf(roles, ticket));
    }
    assignPlaces(places, masks).forEach((player, place) => {
      if (player >= 0) played[players[player]] = roles[Math.log2(places[place])];
    });
  }
  return played;
}

const ticketsOf = (teams: readonly Entry[][]): Ticket[][] =>
  teams.map((team) => team.map(({ ticket }) => ticket));
