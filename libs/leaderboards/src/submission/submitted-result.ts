import type { ResultRecord, SubmittedScore } from '../store/records.js';

/** The scores of several players that count together or not at all. */
export interface SubmittedResult {
  /** The boards of this topic count it. */
  topic: string;
  /** The author's own name for this result, such as a match's id: of one topic and id, one result is counted. */
  id: string;
  /** One a player, 1 to 200. */
  scores: SubmittedScore[];
  /** Kept with it, JSON. */
  about?: Record<string, unknown>;
}

/** The stored result. */
export interface Submitted {
  record: ResultRecord;
  /** The same result stood there already. */
  isRepeated: boolean;
}
