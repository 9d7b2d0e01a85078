import type { Forecast } from '../../contracts/explanation.js';
import { remainderOf } from '../search/backfill.js';
import type { BackfillRequest, FormedMatch } from '../ticket.js';

/** A copy of a pool that may run ahead. */
export interface PoolAhead {
  /** Open tickets. */
  readonly size: number;
  /** When a pass could form something though nobody comes, epoch ms. */
  nextLookAt(): number;
  formMatches(now: number, mayGoOn: () => boolean): FormedMatch[];
  addBackfill(request: BackfillRequest): void;
}

/** Steps of the matcher before a forecast gives up, fewer where more wait: some ten ms of work. */
const stepsFor = ({ size }: PoolAhead): number => Math.min(10_000, Math.ceil(5_000_000 / (size + 1)));
/** So many steps of the matcher are one of the forecast. */
const atOnce = 50;

/**
 * Foretells a ticket's match if nobody comes and nobody leaves: lets a copy of its pool run ahead until it is matched.
 *
 * @param ahead the copy; it is used up
 */
export function* forecastFor(ahead: PoolAhead, ticketId: string, now: number): Generator<void, Forecast> {
  let left = stepsFor(ahead);
  for (let time = now; ; time = Math.max(time, ahead.nextLookAt())) {
    if (time === Infinity) return { kind: 'never' };
    if (left <= 0) return { kind: 'not-before', inMs: time - now };
    const end = left - atOnce;
    for (const match of ahead.formMatches(time, () => (left -= 1) > end)) {
      if (match.teams.flat().some((ticket) => ticket.ticketId === ticketId))
        return { kind: 'match', inMs: time - now, ...describeMatch(match) };
      const rest = remainderOf(match);
      if (rest) ahead.addBackfill(rest);
    }
    yield;
  }
}

function describeMatch({ teams, backfill }: FormedMatch): {
  players: number;
  isBackfill: boolean;
  skillGap: number;
} {
  const tickets = teams.flat();
  const skills = [...tickets.map(({ skill }) => skill), ...(backfill ? [backfill.skill] : [])];
  return {
    players: tickets.reduce((sum, { players }) => sum + players.length, 0),
    isBackfill: backfill !== undefined,
    skillGap: Math.max(...skills) - Math.min(...skills),
  };
}
