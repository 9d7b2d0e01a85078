/** Pushed to each player of a match, under the route `matched`. */
export interface MatchedPush {
  matchId: string;
  mode: string;
  version: string;
  /** Where players join a running match, only those who come now. */
  teams: Array<{ players: string[] }>;
  /** In a mode with roles, who plays which, by player. */
  roles?: Record<string, string>;
  /** In a mode with latency limits, where it runs. */
  region?: string;
  /** The allocator's answer: where the match is played. */
  allocation?: unknown;
  /** The match runs already. */
  isBackfill?: true;
}

/** Pushed to the others of a party when its leader queued for them, under the route `ticket.opened`. */
export interface TicketOpenedPush {
  ticketId: string;
  mode: string;
  players: string[];
}

/** Pushed to a ticket's players when it left the queue without a match, under the route `ticket.closed`. */
export interface TicketClosedPush {
  ticketId: string;
  mode: string;
  /** `cancelled`, `banned`, `disconnected`, `declined`, `not-accepted`, `expired`, `mode-gone`, `version-gone`. */
  reason: string;
  /** The player whose doing it was, where it was one of them. */
  by?: string;
}
