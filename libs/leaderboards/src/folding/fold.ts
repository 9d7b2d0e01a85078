import { isName } from '@ccgame/config';
import type { Board } from '../boards/board.js';
import { combine } from '../boards/rules.js';
import { isScore, toUnits } from '../boards/score-units.js';
import type { ResultRecord, ScoreRecord, SubmittedScore } from '../store/records.js';

/** A result as it is counted. */
export interface CountedResult {
  seq: number;
  period: string;
  scores: ResultRecord['scores'];
}

/** The scores of some results, with those that can't be counted left out and told. */
export function goodScores({ scores }: ResultRecord): { good: ResultRecord['scores']; bad: number } {
  const good = scores.filter(
    (one: Partial<SubmittedScore> | null) => isName('playerId', one?.playerId) && isScore(one?.score),
  );
  return { good, bad: scores.length - good.length };
}

/** A player's place in a period. */
export const scoreKey = (period: string, playerId: string): string => `${period}.${playerId}`;
/** The period of a player's key: `20261128T000000Z.anna` → `20261128T000000Z`. */
export const periodIn = (key: string): string => key.slice(0, key.indexOf('.'));

/**
 * Counts results in their order on scores that stand. A player's record says which result was the last one counted, so none
 * counts twice, wherever a fold begins.
 *
 * @param standing the records of all players concerned, by {@link scoreKey}
 * @param since which stream of results their sequences belong to
 * @returns what changed, by {@link scoreKey}
 */
export function countResults(
  board: Board,
  results: readonly CountedResult[],
  standing: ReadonlyMap<string, ScoreRecord | undefined>,
  since: number,
): Map<string, ScoreRecord> {
  const changed = new Map<string, ScoreRecord>();
  for (const { seq, period, scores } of results) {
    for (const { playerId, score } of scores) {
      const key = scoreKey(period, playerId);
      const [had, lastSeq, lastSince] = changed.get(key) ?? standing.get(key) ?? [];
      const isCounted = lastSince === since && lastSeq !== undefined && lastSeq >= seq;
      if (isCounted) continue;
      const units = combine(board, had, toUnits(score, board.decimals));
      // The last score is written also where it is the same: a replica of NATS may show an older one, and the write is refused then.
      if (units !== had || board.kind === 'last') changed.set(key, [units, seq, since]);
    }
  }
  return changed;
}
