import type { StreamConfig } from '@nats-io/jetstream';

/** A match that matching formed: written once, before the players are told. */
export interface MatchRecord {
  matchId: string;
  mode: string;
  version: string;
  /** Player ids by team. */
  teams: string[][];
  /** Epoch milliseconds. */
  createdAt: number;
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

export const matchCreatedSubject = (matchId: string): string => `matches.created.${matchId}`;
export const matchResultSubject = (matchId: string): string => `matches.result.${matchId}`;

const days = (count: number): number => count * 24 * 3600 * 1e9;

/** One message a match: a publisher that expects subject sequence 0 writes it once. Times in nanoseconds. */
export const matchesStream = {
  name: 'MATCHES',
  subjects: [matchCreatedSubject('*')],
  max_age: days(7),
  max_msgs_per_subject: 1,
  allow_direct: true,
} satisfies Partial<StreamConfig>;

/** Results outlive their matches by far, as the boards are derived from them. */
export const matchResultsStream = {
  name: 'MATCH_RESULTS',
  subjects: [matchResultSubject('*')],
  max_age: days(35),
  max_msgs_per_subject: 1,
  allow_direct: true,
} satisfies Partial<StreamConfig>;
