import { type Explanation, explainHandlers } from '@ccgame/matchmaker/operations';
import { matchesStream, queueOf, type TicketRecord, ticketSubject } from '@ccgame/matchmaker/store';
import { DirectReader, NotRead } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import type { SilentServer } from '../release/roll-call.js';
import { askType } from './ask-servers.js';
import type { OperatorSession } from './operator-session.js';
import { lengthText } from './show.js';

/** A player's newest ticket; a closed one is kept for ten minutes. */
export interface FoundTicket {
  ticket?: Pick<TicketRecord, 'ticketId' | 'mode' | 'state' | 'players' | 'since' | 'matchId' | 'reason'> & {
    /** The version whose servers match it. */
    version: string;
  };
  /** Why an open one is not matched yet. */
  explanation?: Explanation;
  silent: SilentServer[];
}

/** Finds a player's newest ticket; a matching server explains one that still waits. */
export async function findTicket(session: OperatorSession, playerId: string): Promise<FoundTicket> {
  const record = await readTicket(session, playerId);
  if (!record) return { silent: [] };
  const { ticketId, mode, state, players, since, matchId, reason } = record;
  const ticket = { ticketId, mode, state, players, since, matchId, reason, version: queueOf(record) };
  if (state !== 'open') return { ticket, silent: [] };
  const { answers, silent } = await askType(session, explainHandlers.any, { ticketId });
  const [answer] = answers;
  if (answer) return { ticket, explanation: answer.data, silent: [] };
  // Those of other versions know nothing of it.
  return { ticket, silent: silent.filter((one) => one.reason !== 'NOT_FOUND') };
}

async function readTicket({ nats }: OperatorSession, playerId: string): Promise<TicketRecord | undefined> {
  const reader = new DirectReader(nats, new NatsHealth(nats));
  try {
    return (
      await reader.readRecord(matchesStream.name, ticketSubject(playerId))
    ).record?.json<TicketRecord>();
  } catch (error) {
    // No matching server has ever run here.
    if (error instanceof NotRead && error.kind === 'gone') return undefined;
    throw error;
  } finally {
    reader.close();
  }
}

/** The lines about a ticket. @param now epoch ms */
export function ticketText({ ticket, explanation, silent }: FoundTicket, now: number): string[] {
  if (!ticket) return ['ticket    none'];
  const { mode, version, state, since, players, matchId, reason } = ticket;
  const size = players.length > 1 ? `, a party of ${players.length}` : '';
  const match = matchId === undefined ? '' : `, match ${matchId}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const first = `ticket    ${mode} ${version}, ${state}${why}${match}, for ${lengthText(now - since)}${size}`;
  if (state !== 'open') return [first];
  if (explanation) return [first, ...explanation.text.map((line) => `          ${line}`)];
  return [
    first,
    `          ${silent.length > 0 ? 'why it waits is not known' : 'no server matches it here'}`,
  ];
}
