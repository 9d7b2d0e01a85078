/** The largest score that is taken, before it is multiplied. */
const mostScore = 1e9;

/** A score as a whole number of the board's smallest steps: 0.3 is 300 at 3 decimals. Whole numbers add up to the same in any order. */
export function toUnits(score: number, decimals: number): number {
  // `+ 0` makes 0 of -0, which would be another score in JSON.
  return Math.round(score * 10 ** decimals) + 0;
}

/** Whole units → a score with its decimals. */
export function fromUnits(units: number, decimals: number): number {
  return units / 10 ** decimals;
}

/** A sum that stays exact: it ends at the largest whole number that a double tells from its neighbours. */
export function addUnits(one: number, other: number): number {
  return Math.min(Math.max(one + other, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** Whether a value is a number within the bounds of scores. */
export function isScore(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= mostScore;
}
