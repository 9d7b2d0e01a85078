import type { Mode } from '../rules/mode.js';
import { type FormedMatch, type Ticket, unknownLatencyMs } from '../ticket.js';

/**
 * Says what is wrong with a match, by the words of `mode.ts` and nothing of the matcher's own code: slow and plain. Not for
 * backfills.
 */
export function faultsOf(mode: Mode, match: FormedMatch, now: number): string[] {
  const tickets = match.teams.flat();
  // Around one of them the match must be right; which one it was formed around, it doesn't say.
  const faults = tickets.map((anchor) => faultsAround(mode, anchor, match, now));
  return [
    ...rolesFaults(mode, match),
    ...(faults.find((list) => list.length === 0) ?? faults[0] ?? ['empty']),
  ];
}

/** Whether any match could be formed around a ticket from some of these: tries all of them. */
export function canMatch(mode: Mode, anchor: Ticket, others: readonly Ticket[], now: number): boolean {
  const teams = Array.from({ length: mode.teams }, (): Ticket[] => []);
  teams[0].push(anchor);
  const place = (next: number): boolean => {
    const used = teams.filter((team) => team.length > 0);
    if (faultsAround(mode, anchor, { teams: used }, now).length === 0) return true;
    if (next === others.length) return false;
    const ticket = others[next];
    for (const team of teams) {
      if (playersIn(team) + ticket.players.length > mode.teamSize) continue;
      team.push(ticket);
      if (place(next + 1)) return true;
      team.pop();
      if (team.length === 0) break;
    }
    return place(next + 1);
  };
  return place(0);
}

const playersIn = (team: readonly Ticket[]): number =>
  team.reduce((sum, { players }) => sum + players.length, 0);

function faultsAround(
  mode: Mode,
  anchor: Ticket,
  { teams, region }: Pick<FormedMatch, 'teams' | 'region'>,
  now: number,
): string[] {
  const waited = now - anchor.since;
  const step = Math.floor(waited / 250) * 0.25;
  const { skill, latency, roles, fewer, longestWaitMs = Infinity } = mode;
  const isAnyone = waited >= longestWaitMs;
  const isLate = fewer !== undefined && waited >= fewer.afterMs;
  const faults: string[] = [];

  const fewestTeams = (isLate && fewer.teams) || mode.teams;
  if (teams.length < fewestTeams || teams.length > mode.teams) faults.push(`${teams.length} teams`);
  const sizes = new Set(teams.map(playersIn));
  const [size = 0] = sizes;
  const smallest = (isLate && fewer.teamSize) || mode.teamSize;
  if (sizes.size !== 1 || size < smallest || size > mode.teamSize)
    faults.push(`teams of ${[...sizes].join()}`);

  const reach =
    isAnyone || !skill ? Infinity : Math.min(skill.start + skill.perSecond * step, skill.most ?? Infinity);
  const tickets = teams.flat();
  if (tickets.some((one) => Math.abs(one.skill - anchor.skill) > reach)) faults.push('out of the window');

  if (latency && !isAnyone) {
    const extra = (latency.perSecondMs ?? 0) * step;
    const isFine = ([name, limit]: [string, number]): boolean =>
      tickets.every(({ latencyMs }) => (latencyMs?.[name] ?? unknownLatencyMs) <= limit + extra);
    const fine = Object.entries(latency.limitsMs)
      .filter(isFine)
      .map(([name]) => name);
    if (fine.length === 0) faults.push('no region for all');
    if (region !== undefined && !fine.includes(region)) faults.push(`placed in ${region}`);
  }
  if (roles && waited < (roles.untilMs ?? Infinity) && !teams.every((team) => hasRoles(roles.perTeam, team)))
    faults.push('a team lacks a role');
  return faults;
}

/** Whether distinct players of a team can play every role, by trying all orders. */
export function hasRoles(perTeam: Record<string, number>, team: readonly Ticket[]): boolean {
  const wanted = Object.entries(perTeam).flatMap(([role, count]) => Array<string>(count).fill(role));
  const players = team.flatMap(({ players: ids, roles }) => ids.map((_id, i) => roles?.[i] ?? []));
  const fill = (role: number, free: readonly string[][]): boolean =>
    role === wanted.length ||
    free.some((own, i) => own.includes(wanted[role]) && fill(role + 1, free.toSpliced(i, 1)));
  return fill(0, players);
}

/** A player of a role must be able to play it, and no team has more of one than the mode asks for. */
function rolesFaults({ roles }: Mode, match: FormedMatch): string[] {
  return match.teams.flatMap((team) => {
    const played = team.flatMap(({ players, roles: given }) =>
      players.flatMap((player, i) => {
        const role = match.roles?.[player];
        return role === undefined ? [] : [{ role, isAble: given?.[i]?.includes(role) ?? false }];
      }),
    );
    const tooMany = Object.entries(roles?.perTeam ?? {}).filter(
      ([role, count]) => played.filter((one) => one.role === role).length > count,
    );
    return [
      ...played.filter(({ isAble }) => !isAble).map(({ role }) => `${role} who is none`),
      ...tooMany.map(([role]) => `too many ${role}`),
    ];
  });
}
