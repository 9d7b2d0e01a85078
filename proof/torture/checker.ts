/** What a player was told, in that order: a push's number, or that some may have been missed. */
export type Told = number | 'gap';

export interface PushVerdict {
  received: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** Times that a player was told of something missed. */
  gaps: number;
  /** Pushes that were missed there. */
  excused: number;
}

/**
 * Compares what a player got with what was sent to the player: the numbers 0 to `sent` - 1, in that order. Numbers that are
 * missing around a `gap` are excused, as the player was told; everywhere else they are lost.
 */
export function judgePushes(sent: number, told: readonly Told[]): PushVerdict {
  const verdict = { received: 0, lost: 0, duplicated: 0, reordered: 0, gaps: 0, excused: 0 };
  const seen = new Set<number>();
  const excused = new Set<number>();
  let highest = -1;
  let isAfterGap = false;
  for (const one of told) {
    if (one === 'gap') {
      verdict.gaps += 1;
      isAfterGap = true;
      continue;
    }
    verdict.received += 1;
    if (seen.has(one)) verdict.duplicated += 1;
    else if (one < highest) verdict.reordered += 1;
    if (isAfterGap) for (let missing = highest + 1; missing < one; missing += 1) excused.add(missing);
    isAfterGap = false;
    seen.add(one);
    highest = Math.max(highest, one);
  }
  if (isAfterGap) for (let missing = highest + 1; missing < sent; missing += 1) excused.add(missing);
  for (let number = 0; number < sent; number += 1) {
    if (seen.has(number)) continue;
    if (excused.has(number)) verdict.excused += 1;
    else verdict.lost += 1;
  }
  // A number that nobody sent is as wrong as one that came twice.
  for (const number of seen) if (number < 0 || number >= sent) verdict.duplicated += 1;
  return verdict;
}

export interface RequestVerdict {
  asked: number;
  answered: number;
  failed: number;
  /** Neither answered nor failed. */
  silent: number;
  answeredTwice: number;
  /** Of a handler declared `once`. */
  ranTwice: number;
  /** The client got an answer, and no server did the work. */
  neverRan: number;
}

/** How often each request was answered or failed, and how often its handler ran. */
export function judgeRequests(
  asked: readonly string[],
  ends: readonly { id: string; isError: boolean }[],
  runs: readonly string[],
): RequestVerdict {
  const endsOf = countBy(ends.map(({ id }) => id));
  const runsOf = countBy(runs);
  const good = new Set(ends.filter(({ isError }) => !isError).map(({ id }) => id));
  return {
    asked: asked.length,
    answered: good.size,
    failed: ends.filter(({ isError }) => isError).length,
    silent: asked.filter((id) => !endsOf.has(id)).length,
    answeredTwice: [...endsOf.values()].filter((count) => count > 1).length,
    ranTwice: [...runsOf.values()].filter((count) => count > 1).length,
    neverRan: [...good].filter((id) => !runsOf.has(id)).length,
  };
}

function countBy(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
