import type { Mode } from '../pool/rules/mode.js';
import { type Ticket, unknownLatencyMs } from '../pool/ticket.js';
import type { Outcome, SimulatedMatch } from './simulate.js';

/** A distribution, at the points that matter. */
export interface Spread {
  p50: number;
  p90: number;
  p99: number;
  most: number;
}

/** A designer's figures of a simulated mode. Times in ms, skill in points, counts of tickets unless it says players. */
export interface Report {
  mode: string;
  tickets: number;
  players: number;
  matches: number;
  matchedPlayers: number;
  waiting: number;
  left: number;
  expired: number;
  refused: Array<[problem: string, count: number]>;
  /** Waits of tickets that were matched. */
  wait: Spread;
  waitByParty: Array<{ party: number; tickets: number; wait: Spread }>;
  /** A match's best ticket's skill less the worst's. */
  gap: Spread;
  /** A match's best team's mean skill less the worst's. */
  imbalance: Spread;
  /** Tickets that came to the mode's longest wait, matched or not. */
  atLongestWait: number;
  /** The longest wait of the tickets that wait at the end. */
  oldestWaiting: number;
  /** Shares of the matches: with parties of the same sizes in all teams though there are parties, of smaller size, with a role that nobody plays. */
  withParties: number;
  likeParties: number;
  smaller: number;
  withoutRoles: number;
  /** From a player to the region of the match, and how many players are above its limit. */
  latency?: Spread & { aboveLimit: number };
  queue: { mean: number; most: number };
  /** Real time of the matcher: a ticket's share in µs, and its longest pass in ms. */
  cost: { perTicketUs: number; longestPassMs: number };
}

/** The figures of one simulated mode. */
export function reportOf(mode: Mode, outcome: Outcome): Report {
  const { matches, waiting, left, expired, refused, queue, endMs, busyMs, longestPassMs } = outcome;
  const matched = matches.flatMap(({ teams, at }) =>
    teams.flat().map((ticket) => ({ ticket, wait: at - ticket.since })),
  );
  const gone = [...left, ...expired].map(({ ticket, at }) => ({ ticket, wait: at - ticket.since }));
  const open = waiting.map((ticket) => ({ ticket, wait: endMs - ticket.since }));
  const all = [...matched, ...gone, ...open];
  const longest = mode.longestWaitMs ?? Infinity;
  const share = (isSo: (match: SimulatedMatch) => boolean): number =>
    matches.filter(isSo).length / Math.max(1, matches.length);
  const latency = latencyIn(mode, matches);
  return {
    mode: mode.name,
    tickets: all.length,
    players: playersIn(all.map(({ ticket }) => ticket)),
    matches: matches.length,
    matchedPlayers: playersIn(matched.map(({ ticket }) => ticket)),
    waiting: waiting.length,
    left: left.length,
    expired: expired.length,
    refused: [...refused],
    wait: spreadOf(matched.map(({ wait }) => wait)),
    waitByParty: byParty(matched),
    gap: spreadOf(matches.map(gapOf)),
    imbalance: spreadOf(matches.map(imbalanceOf)),
    atLongestWait: all.filter(({ wait }) => wait >= longest).length,
    oldestWaiting: open.reduce((most, { wait }) => Math.max(most, wait), 0),
    withParties: share(hasParties),
    likeParties: share((match) => hasParties(match) && isLike(match)),
    smaller: share(({ teams }) => playersIn(teams.flat()) < mode.teams * mode.teamSize),
    withoutRoles: share((match) => lacksRoles(mode, match)),
    ...(latency && { latency }),
    queue,
    cost: { perTicketUs: (1000 * busyMs) / Math.max(1, all.length), longestPassMs },
  };
}

/** The median, percentiles and largest of some values; 0 each where there are none. */
export function spreadOf(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) };
}

/** The spread of skill in a match, in points. */
export function gapOf({ teams }: SimulatedMatch): number {
  const skills = teams.flat().map(({ skill }) => skill);
  return Math.max(...skills) - Math.min(...skills);
}

const playersIn = (tickets: readonly Ticket[]): number =>
  tickets.reduce((sum, { players }) => sum + players.length, 0);

function imbalanceOf({ teams }: SimulatedMatch): number {
  const means = teams.map(
    (team) => team.reduce((sum, { skill, players }) => sum + skill * players.length, 0) / playersIn(team),
  );
  return Math.max(...means) - Math.min(...means);
}

function byParty(matched: Array<{ ticket: Ticket; wait: number }>): Report['waitByParty'] {
  const groups = new Map<number, number[]>();
  for (const { ticket, wait } of matched) {
    const waits = groups.get(ticket.players.length) ?? [];
    groups.set(ticket.players.length, waits);
    waits.push(wait);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([party, waits]) => ({ party, tickets: waits.length, wait: spreadOf(waits) }));
}

const hasParties = ({ teams }: SimulatedMatch): boolean =>
  teams.flat().some(({ players }) => players.length > 1);

function isLike({ teams }: SimulatedMatch): boolean {
  const shapes = teams.map((team) =>
    team
      .map(({ players }) => players.length)
      .sort()
      .join(),
  );
  return new Set(shapes).size === 1;
}

function lacksRoles({ roles: rule }: Mode, { teams, roles = {} }: SimulatedMatch): boolean {
  const places = Object.values(rule?.perTeam ?? {}).reduce((sum, count) => sum + count, 0);
  return Object.keys(roles).length < places * teams.length;
}

function latencyIn({ latency }: Mode, matches: readonly SimulatedMatch[]): Report['latency'] {
  if (!latency) return undefined;
  const all = matches.flatMap(({ teams, region = '' }) =>
    teams.flat().flatMap(({ players, latencyMs }) => {
      const ms = latencyMs?.[region] ?? unknownLatencyMs;
      return players.map(() => ({ ms, isAbove: ms > (latency.limitsMs[region] ?? Infinity) }));
    }),
  );
  return { ...spreadOf(all.map(({ ms }) => ms)), aboveLimit: all.filter(({ isAbove }) => isAbove).length };
}
