import type { RequestEnd } from './ledger.js';

/**
 * The things that a player was shown, in that order: a push by its number, or that some may have been missed since the last one. Times are
 * epoch ms.
 */
export type Told = { number: number; at: number } | { gapSince: number; at: number };

export interface PushVerdict {
  received: number;
  lost: number;
  /** Came in the end, and so long after everything was well again that a player would have taken it for lost. */
  late: number;
  duplicated: number;
  reordered: number;
  /** Times that a player was told of something missed. */
  gaps: number;
  /** Gaps of players who were not away longer than the log keeps, while the log lost nothing. */
  unfounded: number;
  /** Pushes that were missed in a gap that had its reason. */
  excused: number;
}

/** The times that excuse a gap, and from when a push is late. Epoch ms. */
export interface Conditions {
  /** The log was destroyed then. */
  logLostAt?: readonly number[];
  /** So long the log keeps a push, ms. */
  keptMs?: number;
  /** Everything was well again, and there was time enough to bring what is missing. */
  lateAfter?: number;
}

export const noVerdict = (): PushVerdict => ({
  received: 0,
  lost: 0,
  late: 0,
  duplicated: 0,
  reordered: 0,
  gaps: 0,
  unfounded: 0,
  excused: 0,
});

/**
 * Compares what a player got with what was sent to the player: the numbers from 0 on, in that order. A number that is missing around a gap
 * is excused where the gap has a reason and the push is older than it; everywhere else it is lost.
 *
 * @param sentAt when each number was sent
 */
export function judgePushes(
  sentAt: readonly number[],
  told: readonly Told[],
  { logLostAt = [], keptMs = 60_000, lateAfter = Infinity }: Conditions = {},
): PushVerdict {
  const verdict = noVerdict();
  const seen = new Set<number>();
  const excused = new Set<number>();
  let highest = -1;
  let excusedUntil = -Infinity;
  const excuse = (end: number): void => {
    for (let missing = highest + 1; missing < end; missing += 1)
      if (sentAt[missing] <= excusedUntil) excused.add(missing);
  };
  for (const one of told) {
    if ('gapSince' in one) {
      verdict.gaps += 1;
      const { gapSince, at } = one;
      const isFounded = at - gapSince >= keptMs || logLostAt.some((lost) => lost >= gapSince && lost <= at);
      if (isFounded) excusedUntil = at;
      else verdict.unfounded += 1;
      continue;
    }
    const { number, at } = one;
    verdict.received += 1;
    // A number that nobody sent is as wrong as one that came twice.
    if (seen.has(number) || !(number in sentAt)) verdict.duplicated += 1;
    else if (number < highest) verdict.reordered += 1;
    else if (at > lateAfter) verdict.late += 1;
    excuse(number);
    excusedUntil = -Infinity;
    seen.add(number);
    highest = Math.max(highest, number);
  }
  excuse(sentAt.length);
  for (const number of sentAt.keys()) {
    if (seen.has(number)) continue;
    if (excused.has(number)) verdict.excused += 1;
    else verdict.lost += 1;
  }
  return verdict;
}

export interface RequestVerdict {
  asked: number;
  answered: number;
  failed: number;
  /** Neither answered nor failed. */
  silent: number;
  answeredTwice: number;
  /** Requests to a handler declared `once`. */
  ranTwice: number;
  /** The client got an answer, and no server did the work. */
  neverRan: number;
  /** The client gave up waiting, and a server had done the work. */
  swallowed: number;
}

/** How often each request was answered or failed, and how often its handler ran. */
export function judgeRequests(
  asked: readonly string[],
  ends: readonly RequestEnd[],
  runs: readonly string[],
): RequestVerdict {
  const endsOf = countBy(ends.map(({ id }) => id));
  const runsOf = countBy(runs);
  const good = new Set(ends.filter(({ code }) => code === undefined).map(({ id }) => id));
  return {
    asked: asked.length,
    answered: good.size,
    failed: ends.filter(({ code }) => code !== undefined).length,
    silent: asked.filter((id) => !endsOf.has(id)).length,
    answeredTwice: [...endsOf.values()].filter((count) => count > 1).length,
    ranTwice: [...runsOf.values()].filter((count) => count > 1).length,
    neverRan: [...good].filter((id) => !runsOf.has(id)).length,
    swallowed: ends.filter(({ id, isTimeout }) => isTimeout && runsOf.has(id)).length,
  };
}

function countBy(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
