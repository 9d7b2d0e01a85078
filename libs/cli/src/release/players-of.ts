import { connectorHandlers, type MovedSessions, type SessionCounts } from '@ccgame/edge/operations';
import { matchingOperations, type TicketCount } from '@ccgame/matchmaker/operations';
import { callRoll, type Roll, type Roster, type SilentServer } from './roll-call.js';
import type { ReleaseSession } from './session.js';

/** A number of players, and the servers of which it is not known how many they have. */
export interface Counted<T> {
  count: T;
  silent: SilentServer[];
}

type Session = Pick<ReleaseSession, 'operator' | 'target' | 'without'>;

/** How many players are on sessions, by version, on whichever connectors. */
export async function countSessions(
  session: Session,
  roster: Roster,
): Promise<Counted<(version: string) => number>> {
  const { answers, silent }: Roll<SessionCounts> = await callRoll(
    session,
    roster,
    connectorHandlers.countSessions,
    undefined,
  );
  const counts = answers.flatMap(({ data }) => data.versions);
  const count = (version: string): number =>
    counts.filter((one) => one.version === version).reduce((sum, { sessions }) => sum + sessions, 0);
  return { count, silent };
}

/**
 * How many open tickets a version's players have: with its own matching servers, and with those of the version that the
 * table names in its place. Every matching server knows all of them; one that is a moment behind counts more.
 */
export async function countTickets(
  session: Session,
  roster: Roster,
  version: string,
): Promise<Counted<TicketCount>> {
  const contract = matchingOperations.countTickets;
  const { answers, silent }: Roll<TicketCount> = await callRoll(session, roster, contract, { version });
  const most = (of: (count: TicketCount) => number): number =>
    Math.max(0, ...answers.map(({ data }) => of(data)));
  return {
    count: { tickets: most(({ tickets }) => tickets), elsewhere: most(({ elsewhere }) => elsewhere) },
    silent,
  };
}

/** Asks players to go on where the table wants them by now. @param from only those of this version */
export async function movePlayers(session: Session, roster: Roster, from?: string): Promise<Counted<number>> {
  const contract = connectorHandlers.moveSessions;
  const { answers, silent }: Roll<MovedSessions> = await callRoll(session, roster, contract, {
    version: from,
  });
  return { count: answers.reduce((sum, { data }) => sum + data.asked, 0), silent };
}
