import { untilRead } from '@ccgame/jetstream';
import type { MatchRecord } from '../contracts/matches.js';
import type { Stored, Tickets, TicketStore } from '../store/ticket-store.js';

/** So long after a write each replica of NATS has it. */
export const knownEverywhereMs = 60_000;

/**
 * The tickets of a match that isn't settled, as its next step needs them: all that it holds. A ticket that is left out of the step
 * stays in the match for ever, and its players can't queue.
 *
 * @throws NotRead also while the replicas of NATS that answer are behind the match
 */
export function ticketsOfMatch(store: TicketStore, match: Stored<MatchRecord>): Promise<Tickets> {
  const { teams, createdAt } = match.record;
  return untilRead(async () => {
    const stored = await store.ticketsOf(teams.flat());
    const isOld = store.clock.now() - createdAt > knownEverywhereMs;
    return isOld || !isBehind(match, stored) ? stored : undefined;
  });
}

/** Whether older tickets stand there than those that were written with the match. Newer ones, and the match is settled by now. */
function isBehind({ record: { matchId, teams }, seq }: Stored<MatchRecord>, stored: Tickets): boolean {
  return teams.flat().some((player) => {
    const { record: ticket, seq: standing = 0 } = stored.get(player) ?? {};
    return !(ticket?.state === 'proposed' && ticket.matchId === matchId) && standing < seq;
  });
}
