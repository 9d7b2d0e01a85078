import { randomUUID } from 'node:crypto';
import type { MatchRecord, TicketRecord } from '#contracts';
import type { ExpectingMessage } from '#sessions';
import type { Mode } from '../pool/mode.js';
import type { FormedMatch } from '../pool/ticket.js';
import { matchMessage, ticketMessages } from '../store/messages.js';
import type { MatchView } from '../view/match-view.js';

/** One match as it is to be written. */
export interface PlannedMatch {
  record: MatchRecord;
  messages: ExpectingMessage[];
  ticketIds: string[];
}

export interface PlanContext {
  view: MatchView;
  mode: Mode;
  partition: string;
  version: string;
  now: number;
}

/**
 * What a formed match writes: its tickets, closed or proposed, each over the message that the view shows, and the record.
 * Undefined: a ticket isn't open any more.
 */
export function planMatch(formed: FormedMatch, context: PlanContext): PlannedMatch | undefined {
  const { view, mode, partition, version, now } = context;
  const ticketIds = formed.teams.flat().map(({ ticketId }) => ticketId);
  const tickets = ticketIds.map((ticketId) => view.openTickets.get(ticketId));
  if (!tickets.every((ticket): ticket is TicketRecord => ticket?.state === 'open')) return undefined;
  const isChecked = mode.readyCheckMs !== undefined;
  const record: MatchRecord = {
    matchId: randomUUID(),
    mode: mode.name,
    version,
    teams: formed.teams.map((team) => team.flatMap(({ players }) => players)),
    createdAt: now,
    state: isChecked ? 'proposed' : 'formed',
    partition,
    tickets: ticketIds,
    ...(formed.roles && { roles: formed.roles }),
    ...(formed.region !== undefined && { region: formed.region }),
    ...(isChecked && { accepted: [], acceptUntil: now + (mode.readyCheckMs ?? 0) }),
  };
  const state = isChecked ? 'proposed' : 'matched';
  const messages = tickets.flatMap((ticket) =>
    ticketMessages({ ...ticket, state, matchId: record.matchId }, (player) => view.seqOf(player)),
  );
  // The record last: whoever reads it has read its tickets.
  return { record, ticketIds, messages: [...messages, matchMessage(record, 0)] };
}

/** Splits planned matches into lists that fit one batch each, beside the fence. */
export function intoBatches(planned: PlannedMatch[], mostMessages: number): PlannedMatch[][] {
  const batches: PlannedMatch[][] = [];
  let size = Infinity;
  for (const match of planned) {
    if (size + match.messages.length > mostMessages) {
      batches.push([]);
      size = 1;
    }
    batches.at(-1)?.push(match);
    size += match.messages.length;
  }
  return batches;
}
