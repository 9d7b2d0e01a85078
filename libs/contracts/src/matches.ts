import type { StreamConfig } from '@nats-io/jetstream';

/** What a player may say about himself when he queues; the mode says which names and values. */
export type Attributes = Record<string, string | number>;

/**
 * `open` waits; `proposed` is in a match that everybody has to accept yet; the others are ends. `expired`: a player was
 * away too long, or his mode is gone.
 */
export type TicketState = 'open' | 'proposed' | 'matched' | 'cancelled' | 'declined' | 'expired';

/**
 * A player alone or a party that wants to play. The whole of it stands under every one of its players, so there is one
 * open ticket a player in the whole cluster.
 */
export interface TicketRecord {
  ticketId: string;
  /** Given by who joined: the same one joins once. */
  requestId?: string;
  /** The leader first. */
  players: string[];
  mode: string;
  /** The version that its players' sessions had. */
  version: string;
  /** Complete, with the mode's defaults. */
  attributes: Attributes;
  /** For each of `players` the roles that he could play. */
  roles?: string[][];
  /** By region, the worst of the players, ms. */
  latencyMs?: Record<string, number>;
  /** Epoch milliseconds; kept whatever happens to the servers. */
  since: number;
  state: TicketState;
  /** Of a ticket that is proposed or matched. */
  matchId?: string;
  /** Why it was closed, in a word, such as `disconnected`. */
  reason?: string;
}

/** `proposed` waits for everybody to accept; `told`: the players were pushed `matched`; `cancelled`: not everybody did. */
export type MatchState = 'proposed' | 'formed' | 'told' | 'cancelled';

/** A match that matching formed: written before the players are told. */
export interface MatchRecord {
  matchId: string;
  mode: string;
  version: string;
  /** Player ids by team. */
  teams: string[][];
  /** Epoch milliseconds. */
  createdAt: number;
  state?: MatchState;
  /** Whose owner formed it, and who tells the players when that one dies. */
  partition?: string;
  /** Ids of the tickets. */
  tickets?: string[];
  /** In a mode with roles, who plays which, by player. */
  roles?: Record<string, string>;
  /** In a mode with latency limits, where it is to run. */
  region?: string;
  /** Of a match with a ready-check: who has accepted, and until when (epoch ms) the others may. */
  accepted?: string[];
  acceptUntil?: number;
  /** What the game's allocator gave: where the match is played. */
  allocation?: unknown;
}

/** Who matches a partition. Its sequence in the stream is the fencing token. */
export interface FenceRecord {
  partition: string;
  serverId: string;
  /** Parts two lives of a server. */
  incarnation: string;
}

/** What a game server reported of a match. */
export interface MatchResultRecord {
  matchId: string;
  /** The leaderboard it counts on: the match's mode. */
  board: string;
  version: string;
  scores: PlayerScore[];
}

export interface PlayerScore {
  playerId: string;
  score: number;
}

export const ticketSubject = (playerId: string): string => `matches.ticket.${playerId}`;
export const matchCreatedSubject = (matchId: string): string => `matches.created.${matchId}`;
/** A partition's name is one token, see `partitionOf` of apps/matching. */
export const fenceSubject = (partition: string): string => `matches.fence.${partition}`;
export const matchResultSubject = (matchId: string): string => `matches.result.${matchId}`;

const days = (count: number): number => count * 24 * 3600 * 1e9;

/**
 * Everything durable of matching in one total order: tickets by player, matches, and who owns which partition. Only the
 * newest message of a subject counts, and each is written by compare-and-set. Times in nanoseconds.
 */
export const matchesStream = {
  name: 'MATCHES',
  subjects: [ticketSubject('*'), matchCreatedSubject('*'), fenceSubject('*')],
  max_age: days(7),
  max_msgs_per_subject: 1,
  allow_direct: true,
  allow_msg_ttl: true,
  allow_atomic: true,
} satisfies Partial<StreamConfig>;

/** Results outlive their matches by far, as the boards are derived from them. */
export const matchResultsStream = {
  name: 'MATCH_RESULTS',
  subjects: [matchResultSubject('*')],
  max_age: days(35),
  max_msgs_per_subject: 1,
  allow_direct: true,
} satisfies Partial<StreamConfig>;
