import { type Period, startOf } from '../boards/periods.js';

/** One submitted result. */
export interface ResultRecord {
  scores: SubmittedScore[];
  /** Its author's own reference, such as a match's id and version. */
  about?: Record<string, unknown>;
}

/** One player's score in a result. */
export interface SubmittedScore {
  playerId: string;
  score: number;
}

/**
 * A player's score: in the board's smallest steps, the last result that changed it, and when the stream of that result was
 * made (epoch s), as sequences begin anew with it: see {@link sequencesSince}.
 */
export type ScoreRecord = [units: number, seq: number, since: number];

/** How far the results of a board's topic are counted on it. Each fold replaces it by compare-and-set. */
export interface CursorRecord {
  /** The sequence of the last counted result in its stream. */
  seq: number;
  /** When that stream was made, epoch s: sequences of another are not comparable. */
  since: number;
  /** How often that stream has lost results that were counted, so that it gives their sequences to others. */
  losses?: number;
  /** When the last counted result was stored, epoch ms. */
  countedTo?: number;
  /** The period in which the board counts, by its name; it only moves on. */
  period: string;
  /** When that period ends, epoch ms: as it was when the period began. Left out: it has no end, or an older version wrote this. */
  endsAt?: number;
  /** The period in which the board counted before. */
  before?: { period: string; endsAt?: number };
  /** The board's kind, order and decimals. */
  rules: string;
  /** The server that wrote it. */
  by: string;
}

/** A period as a cursor tells of it. */
export function periodOf({ period, endsAt }: Pick<CursorRecord, 'period' | 'endsAt'>): Period {
  return { name: period, startsAt: startOf(period) ?? 0, endsAt };
}

/** The `since` of the records of scores: a sequence that was given out anew is another result. */
export function sequencesSince(since: number, losses = 0): number {
  return since + losses * 2 ** 33;
}

/** Epoch ms; without an end where the board is never reset. */
export interface PeriodTimes {
  startsAt: number;
  endsAt?: number;
}

/** A period that has scores and isn't settled. Each fold that changes its scores writes it too. */
export interface PeriodRecord extends PeriodTimes {
  /** The last result that changed a score: a reader that doesn't find it has read from a replica that is behind. */
  lastSeq: number;
  /** Nothing changes any more. */
  isClosed?: true;
}

/** A settled period; written last, so its pages are there. */
export interface SettledRecord extends PeriodTimes {
  players: number;
  decimals: number;
  /** Players a page, and how many messages the players are spread over by a hash of their id. */
  pageSize: number;
  buckets: number;
  /** Epoch ms, on the clock of NATS. */
  settledAt: number;
  /** When it was written again to stay for longer, as its rewards could not be given. */
  keptFrom?: number;
  by: string;
}

/** How far the rewards of a settled period are given. */
export interface RewardsRecord {
  /** The number of the page that comes next. */
  nextPage: number;
  /** Pages before it whose rewards failed. */
  failedPages: number[];
}

/** `[rank, playerId, units]`, as short as it is as there are a thousand a message. */
export type SettledPlayer = [rank: number, playerId: string, units: number];
