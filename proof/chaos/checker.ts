// Shares no code with what it checks, nor with the other proofs.

/** In the order in which a player was told: the number of a push, or that pushes may be missing. */
export type Heard = number | 'gap';

export interface Sent {
  number: number;
  /** The back end was told that it is stored; else nobody knows whether it is. */
  isAcked: boolean;
}

export interface Verdict {
  lost: number;
  doubled: number;
  reordered: number;
  /** As many are missing that went with their storage; of pushes, only those of which the player was told that some may be missing. */
  excused: number;
}

export const nothingWrong: Verdict = { lost: 0, doubled: 0, reordered: 0, excused: 0 };

export function sumOf(verdicts: readonly Verdict[]): Verdict {
  const add = (one: Verdict, other: Verdict): Verdict => ({
    lost: one.lost + other.lost,
    doubled: one.doubled + other.doubled,
    reordered: one.reordered + other.reordered,
    excused: one.excused + other.excused,
  });
  return verdicts.reduce(add, nothingWrong);
}

/** In the order in which a player sent them into a room: the player's inputs that the room had applied with this one, by its answer; undefined: nobody knows whether it was applied. */
export interface SentInput {
  count?: number;
}

/**
 * @param counted the player's inputs by the room itself in the end; undefined: there is no such room
 * @param maySkip the storage itself was destroyed: the room may have gone back, or be gone
 */
export function judgeInputs(sent: readonly SentInput[], counted = 0, maySkip = false): Verdict {
  const verdict = { ...nothingWrong };
  const miss = (missing: number): void => void (verdict[maySkip ? 'excused' : 'lost'] += missing);
  let last = 0;
  for (const { count } of sent) {
    if (count === undefined) continue;
    if (count <= last && maySkip) verdict.excused += 1;
    else if (count === last) verdict.doubled += 1;
    else if (count < last) verdict.reordered += 1;
    last = maySkip ? count : Math.max(last, count);
  }
  if (counted < last) miss(last - counted);
  if (counted > sent.length) verdict.doubled += counted - sent.length;
  return verdict;
}

/** A result of 1 for a player. Not acked: nobody knows whether it was taken. */
export type Reported = Pick<Sent, 'isAcked'>;

/** @param counted the player's sum on the board in the end. @param maySkip the storage itself was destroyed */
export function judgeResults(reported: readonly Reported[], counted: number, maySkip: boolean): Verdict {
  const missing = Math.max(0, reported.filter(({ isAcked }) => isAcked).length - counted);
  return {
    ...nothingWrong,
    [maySkip ? 'excused' : 'lost']: missing,
    doubled: Math.max(0, counted - reported.length),
  };
}

/** @param maySkip a gap excuses what is missing there: the storage itself was destroyed */
export function judge(sent: readonly Sent[], heard: readonly Heard[], maySkip: boolean): Verdict {
  const verdict = { ...nothingWrong };
  const known = new Set(sent.map(({ number }) => number));
  const seen = new Set<number>();
  const excused: Array<{ above: number; below: number }> = [];
  let last = -1;
  let gapAbove: number | undefined;
  for (const one of heard) {
    if (one === 'gap') {
      gapAbove ??= last;
      continue;
    }
    if (seen.has(one) || !known.has(one)) verdict.doubled += 1;
    else if (one < last) verdict.reordered += 1;
    if (gapAbove !== undefined) excused.push({ above: gapAbove, below: one });
    gapAbove = undefined;
    seen.add(one);
    last = Math.max(last, one);
  }
  if (gapAbove !== undefined) excused.push({ above: gapAbove, below: Infinity });
  for (const { number, isAcked } of sent) {
    if (!isAcked || seen.has(number)) continue;
    const isTold = excused.some(({ above, below }) => number > above && number < below);
    if (isTold && maySkip) verdict.excused += 1;
    else verdict.lost += 1;
  }
  return verdict;
}
