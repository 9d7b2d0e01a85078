import type { Mode } from '@ccgame/matchmaker';
import { missingPlaces, requiredPlaces } from '@ccgame/matchmaker/pool';
import { masksOf } from '@ccgame/matchmaker/pool';
import type { Ticket } from '@ccgame/matchmaker/pool';
import { windowAfter } from '@ccgame/matchmaker/pool';

interface Team {
  tickets: Ticket[];
  masks: number[];
}

/**
 * The yardstick: for each ticket, oldest first, scan all others in order of age, and let each who is in the window join the
 * first team that has room, until the teams are full. One partition; without latency limits and smaller matches.
 *
 * @param tickets oldest first; those who are matched are taken out
 */
export function naivePass(mode: Mode, tickets: Ticket[], now: number): Ticket[][] {
  const taken = new Set<Ticket>();
  const groups: Ticket[][] = [];
  for (const ticket of tickets) {
    if (taken.has(ticket)) continue;
    const group = groupAround(mode, ticket, tickets, taken, now);
    if (!group) continue;
    for (const one of group) taken.add(one);
    groups.push(group);
  }
  let kept = 0;
  for (const ticket of tickets) if (!taken.has(ticket)) tickets[kept++] = ticket;
  tickets.length = kept;
  return groups;
}

function groupAround(
  mode: Mode,
  ticket: Ticket,
  tickets: readonly Ticket[],
  taken: ReadonlySet<Ticket>,
  now: number,
): Ticket[] | undefined {
  const reach = windowAfter(mode, now - ticket.since);
  const isLate = now - ticket.since >= (mode.roles?.untilMs ?? Infinity);
  const places = isLate ? [] : requiredPlaces(mode);
  const teams = Array.from({ length: mode.teams }, (): Team => ({ tickets: [], masks: [] }));
  let free = mode.teams * mode.teamSize;
  for (const other of [ticket, ...tickets]) {
    if (taken.has(other) || Math.abs(other.skill - ticket.skill) > reach) continue;
    if (other === ticket && teams[0].tickets.length > 0) continue;
    const masks = masksOf(Object.keys(mode.roles?.perTeam ?? {}), other);
    const team = teams.find((one) => {
      const room = mode.teamSize - one.masks.length - masks.length;
      return room >= 0 && missingPlaces(places, [...one.masks, ...masks]) <= room;
    });
    if (!team) continue;
    team.tickets.push(other);
    team.masks.push(...masks);
    free -= masks.length;
    if (free === 0) return teams.flatMap((one) => one.tickets);
  }
  return undefined;
}
