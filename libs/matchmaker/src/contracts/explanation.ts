/**
 * The rule that keeps a ticket from others that wait: `window` skill, `latency` the limits of the regions, `party-size` parties
 * that never fit into a team beside it or that fill no team together, `team-size` too few players, `roles` a role that
 * nobody plays. `none`: nothing does, the next pass forms the match.
 */
export type RefusingRule = 'window' | 'latency' | 'party-size' | 'team-size' | 'roles' | 'none';

/** By when how many of a group will be allowed if nobody comes or goes. */
export interface Arrival {
  /** From now, ms. */
  inMs: number;
  /** The number of the group's tickets by then, all in all. */
  tickets: number;
}

/** Tickets of one party size and ability. */
export interface CandidateClass {
  partySize: number;
  tickets: number;
  /** How many players of each such ticket could play a role. */
  roles?: Record<string, number>;
}

/** Waiting tickets that the same rule keeps off. Each ticket is in one group; where over 5,000 wait, each of the nearest. */
export interface CandidateGroup {
  rule: RefusingRule;
  /** `own`: it would be matched around this ticket. `other`: it sees this ticket by its own, longer wait. */
  around: 'own' | 'other';
  tickets: number;
  players: number;
  /** How far the nearest is beyond the limit: points of skill, or ms of latency. */
  nearestBeyond?: number;
  /** The first, a few on the way, the last. Nothing for tickets that this rule never allows. */
  allowed?: Arrival[];
  classes?: CandidateClass[];
}

/** The players that would complete a match around the ticket at once, if they came now alone. */
export interface Need {
  teams: number;
  teamSize: number;
  players: number;
  /** How many of these players must be able to play a role. */
  roles?: Record<string, number>;
}

/** The ticket's future if nobody comes and nobody leaves. */
export type Forecast =
  | {
      kind: 'match';
      /** From now, ms. */
      inMs: number;
      players: number;
      /** Whether a running match takes it in. */
      isBackfill: boolean;
      /** The most that two of the match are apart, in points of skill. */
      skillGap: number;
    }
  /** Somebody has to come. */
  | { kind: 'never' }
  /** Not before this, from now, ms: looking further ahead would take too long. */
  | { kind: 'not-before'; inMs: number }
  /** More than 5,000 wait where it does: looking ahead would take too long. */
  | { kind: 'unknown' };

/** Why a ticket is not matched yet. Plain data: numbers without end are left out or null. */
export interface Explanation {
  ticketId: string;
  mode: string;
  waitedMs: number;
  /** By age from 1, of so many who wait where it can be matched. */
  position: number;
  waiting: number;
  /** Running matches there that ask for players. */
  backfills: number;
  forecast: Forecast;
  /** The limits that the ticket's wait allows it now. Skill from … to; null: anyone. */
  window: { from: number; to: number } | null;
  /** Where it could play now, with the limit that its wait has come to, ms. Left out in a mode without limits. */
  regions?: Array<{ region: string; latencyMs: number; limitMs: number; isAccepted: boolean }>;
  /** The region of the groups and the need: where most could play with it. */
  region?: string;
  /** Rules that fall by waiting alone, from now, ms. */
  changes: Array<{ change: 'smaller-matches' | 'without-roles' | 'anyone'; inMs: number }>;
  groups: CandidateGroup[];
  /** The cheapest of the sizes that are allowed; left out when nothing is missing. */
  need?: Need;
  /** The same for people, line by line. */
  text: string[];
}
