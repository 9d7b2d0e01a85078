import type { TortureReport } from './torture.js';

type Counts = Pick<TortureReport, 'moved' | 'verdict' | 'joins'>;

/** Things that did not happen, though they should have: a run in which nobody was matched breaks no promise to anybody. */
export function shortfalls({ moved, verdict: { matches }, joins }: Counts, waiting: number): string[] {
  return [
    ...(moved < waiting ? [`only ${moved} of ${waiting} who waited were matched by the next version`] : []),
    ...(matches === 0 ? [`no match of ${joins} joins`] : []),
  ];
}
