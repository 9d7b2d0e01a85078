import type { Board } from './board.js';
import { addUnits } from './score-units.js';

/** The settings that must not change once a board has scores: another kind would mix two different things in one number. */
export const rulesOf = ({ kind, order, decimals, periods }: Board): string =>
  [kind, order, decimals, periods.isEndless ? 'endless' : 'reset'].join(':');

/** The score of a player who had `standing` on the board, or none, and now has another result. */
export function combine({ kind, order }: Board, standing: number | undefined, units: number): number {
  if (standing === undefined || kind === 'last') return units;
  if (kind === 'sum') return addUnits(standing, units);
  return order === 'highest' ? Math.max(standing, units) : Math.min(standing, units);
}
