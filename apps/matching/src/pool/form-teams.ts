import type { Mode } from './mode.js';
import type { Ticket } from './ticket.js';

/** The tickets of each team. */
export type Teams = Ticket[][];

/**
 * Puts tickets into teams: large parties first, each into the team with the least skill so far that has room, so that the
 * teams end up alike.
 *
 * @returns undefined when they don't fit
 */
export function formTeams({ teams, teamSize }: Mode, tickets: readonly Ticket[]): Teams | undefined {
  const formed = Array.from({ length: teams }, () => ({ tickets: [] as Ticket[], players: 0, skill: 0 }));
  const sorted = [...tickets].sort((a, b) => b.players.length - a.players.length || b.skill - a.skill);
  for (const ticket of sorted) {
    const size = ticket.players.length;
    const [team] = formed
      .filter(({ players }) => players + size <= teamSize)
      .sort((a, b) => a.skill - b.skill || a.players - b.players);
    if (!team) return undefined;
    team.tickets.push(ticket);
    team.players += size;
    team.skill += ticket.skill * size;
  }
  return formed.map((team) => team.tickets);
}
