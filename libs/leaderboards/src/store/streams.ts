import { DiscardPolicy, StoreCompression, type StreamConfig } from '@nats-io/jetstream';

const days = (count: number): number => count * 24 * 3600 * 1e9;
const GiB = 2 ** 30;

/** The subject of a result, before it is counted. */
export const resultSubject = (topic: string, id: string): string => `leaderboards.result.${topic}.${id}`;
/** The subject of a player's score in one period. */
export const scoreSubject = (board: string, period: string, playerId: string): string =>
  `leaderboards.score.${board}.${period}.${playerId}`;
/** The subject of the record that a period has begun. */
export const periodSubject = (board: string, period: string): string =>
  `leaderboards.period.${board}.${period}`;
/** The subject of the record that says how far a board has counted. */
export const cursorSubject = (board: string): string => `leaderboards.cursor.${board}`;
/** The subject of a part of a settled period. */
export const settledSubject = (board: string, period: string, part: string): string =>
  `leaderboards.settled.${board}.${period}.${part}`;

/**
 * The submitted results, one message each and each once. It is read within a moment; after that it is there to know a
 * repeated id by. So the oldest go when it is full, and a fold says so when one went that no board had counted.
 */
export const resultsStream = {
  name: 'LEADERBOARD_RESULTS',
  subjects: [resultSubject('*', '*')],
  max_msgs_per_subject: 1,
  max_age: days(14),
  max_bytes: GiB / 4,
  discard: DiscardPolicy.Old,
  allow_direct: true,
} satisfies Partial<StreamConfig>;

/**
 * The scores of all periods that aren't settled, one message a player, and how far each board's results are counted. When it
 * is full, it takes no new players; results wait in their own stream until there is space.
 */
export const scoresStream = {
  name: 'LEADERBOARDS',
  subjects: [scoreSubject('*', '*', '*'), periodSubject('*', '*'), cursorSubject('*')],
  max_msgs_per_subject: 1,
  max_bytes: GiB,
  discard: DiscardPolicy.New,
  allow_direct: true,
  allow_atomic: true,
} satisfies Partial<StreamConfig>;

/** Periods that don't change any more, in pages; each message has a time to live. When it is full, the oldest periods go (`ArchiveRoom`). */
export const settledStream = {
  name: 'LEADERBOARDS_SETTLED',
  subjects: [settledSubject('*', '*', '>')],
  max_msgs_per_subject: 1,
  max_bytes: GiB / 2,
  discard: DiscardPolicy.New,
  compression: StoreCompression.S2,
  allow_direct: true,
  allow_msg_ttl: true,
} satisfies Partial<StreamConfig>;

/** The streams and buckets of leaderboards, made by the server type `storage`. */
export const leaderboardStreams = [
  { config: resultsStream },
  { config: scoresStream },
  { config: settledStream },
];
