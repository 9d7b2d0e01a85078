import type { Forecast } from '#contracts';
import { remainderOf } from './backfill.js';
import type { Bucket } from './bucket.js';
import type { FormedMatch } from './ticket.js';

/** Tickets looked at before a forecast gives up, fewer where more wait: a few ms of work. */
const looksFor = ({ size }: Bucket): number => Math.min(1500, Math.ceil(500_000 / (size + 1)));

/**
 * What becomes of a ticket if nobody comes and nobody leaves: lets a copy of its bucket run ahead until it is matched.
 *
 * @param ahead the copy; it is used up
 */
export function forecastFor(ahead: Bucket, ticketId: string, now: number): Forecast {
  let looks = looksFor(ahead);
  const mayGoOn = (): boolean => (looks -= 1) >= 0;
  for (let time = now; ; time = Math.max(time, ahead.nextLookAt())) {
    if (time === Infinity) return { kind: 'never' };
    for (const match of ahead.match(time, mayGoOn)) {
      if (match.teams.flat().some((ticket) => ticket.ticketId === ticketId))
        return { kind: 'match', inMs: time - now, ...describe(match) };
      const rest = remainderOf(match);
      if (rest) ahead.addBackfill(rest);
    }
    if (looks < 0) return { kind: 'not-before', inMs: time - now };
  }
}

function describe({ teams, backfill }: FormedMatch): {
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
