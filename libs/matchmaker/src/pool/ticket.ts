/** A ticket's own facts: declared and checked by its mode. */
export type Attributes = Record<string, string | number>;

/** A player alone or a party, waiting for a match. */
export interface Ticket {
  ticketId: string;
  players: string[];
  /** The mean of the players; 0 in a mode without skill. */
  skill: number;
  /** Epoch milliseconds; kept when a ticket moves to another server, or comes back from a match that wasn't accepted. */
  since: number;
  /** For each of `players`, the roles that the player could play. Left out: none that a mode asks for. */
  roles?: string[][];
  /** By region, the worst of the players, ms. A region that isn't named counts as `unknownLatencyMs`. */
  latencyMs?: Record<string, number>;
}

/** The latency of a region that a ticket has not measured, ms. */
export const unknownLatencyMs = 1000;

/** A running match that asks for players. */
export interface BackfillRequest {
  backfillId: string;
  matchId: string;
  /** The mean of those who play. */
  skill: number;
  /** Epoch milliseconds. */
  since: number;
  /** The team of each free place, as an index into the match's teams: `[0, 0, 1]` is two in the first, one in the second. */
  places: number[];
  /** Roles that a team lacks: as many of them are kept for players of that role. */
  lacks?: Array<{ team: number; role: string }>;
  /** Where the match runs, in a mode with latency limits. */
  region?: string;
}

/** A match or backfill that the matcher formed. */
export interface FormedMatch {
  /** The tickets of each team. For a backfill, of each team of the running match: empty where nobody comes. */
  teams: Ticket[][];
  /** In a mode with roles, what each player who fills a required place plays, by player. */
  roles?: Record<string, string>;
  /** In a mode with latency limits, where it is to run. */
  region?: string;
  /** The running match that these players join. */
  backfill?: BackfillRequest;
}
