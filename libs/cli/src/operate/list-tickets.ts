import { matchingOperations, type QueueCount } from '@ccgame/matchmaker/operations';
import { columns } from '../columns.js';
import { askType } from './ask-servers.js';
import { findTicket, ticketText } from './find-ticket.js';
import { nowOfNats } from './now-of-nats.js';
import type { OperatorSession } from './operator-session.js';
import { atLeast, type Findings, lengthText } from './show.js';

/** The open tickets by mode and version; of one that servers count differently, the most, as one of them is a moment behind. */
export async function listTickets(session: OperatorSession): Promise<Findings> {
  const { answers, silent } = await askType(session, matchingOperations.countQueues, undefined);
  const queues = new Map<string, QueueCount>();
  for (const one of answers.flatMap(({ data }) => data.queues)) {
    const key = `${one.mode} ${one.version}`;
    const most = queues.get(key);
    if (!most || one.tickets + one.proposed > most.tickets + most.proposed) queues.set(key, one);
  }
  const rows = [...queues].sort(([a], [b]) => a.localeCompare(b)).map(([, queue]) => queue);
  const total = rows.reduce((sum, { tickets, proposed }) => sum + tickets + proposed, 0);
  // Every one of them knows all tickets: one answer is enough.
  const missed = answers.length > 0 ? [] : silent;
  return {
    json: { total, queues: rows },
    text: [
      columns([
        ['mode', 'version', 'waiting', 'in a match', 'players', 'longest'],
        ...rows.map(({ mode, version, tickets, proposed, players, longestMs }) => [
          mode,
          version,
          String(tickets),
          String(proposed),
          String(players),
          lengthText(longestMs),
        ]),
      ]),
      `open tickets: ${atLeast(total, missed)}`,
    ],
    silent,
  };
}

/** `ccgame tickets <player>`: why the player's ticket isn't matched yet. */
export async function showTicket(session: OperatorSession, playerId: string): Promise<Findings> {
  const found = await findTicket(session, playerId);
  const { ticket = null, explanation, silent } = found;
  return {
    json: { playerId, ticket, explanation },
    text: ticketText(found, await nowOfNats(session)),
    silent,
  };
}
