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
  /** Acked pushes that a player missed, and was told that some may be missing. */
  excused: number;
}

/** @param maySkip a gap excuses what is missing there: the storage itself was destroyed */
export function judge(sent: readonly Sent[], heard: readonly Heard[], maySkip: boolean): Verdict {
  const verdict: Verdict = { lost: 0, doubled: 0, reordered: 0, excused: 0 };
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
