import { randomUUID } from 'node:crypto';
import type { Attributes, MatchRecord, MatchState, TicketRecord } from '../contracts/matches.js';
import type { ExpectingMessage } from '@ccgame/jetstream';
import { completeAttributes } from '../pool/rules/attributes.js';
import type { Mode } from '../pool/rules/mode.js';
import type { FormedMatch } from '../pool/ticket.js';
import { matchMessage, ticketMessages } from '../store/messages.js';
import type { MatchView } from '../view/match-view.js';

/** One match as it is to be written. */
export interface PlannedMatch {
  record: MatchRecord;
  messages: ExpectingMessage[];
  /** Ids of its tickets, and of the running match that they join. */
  ids: string[];
  /** How long its tickets waited, ms. */
  waits: number[];
}

/** The partition that a commit is planned for, at one moment; `now` in epoch ms. */
export interface PlanContext {
  view: MatchView;
  mode: Mode;
  partition: string;
  version: string;
  /** How long a game server is asked for before a match stands, ms; left out where none is. */
  allocateWithinMs?: number;
  now: number;
}

/**
 * The messages for a formed match: its tickets, closed or proposed, each over the message that the view shows, and the record.
 * Undefined: a ticket isn't open any more.
 */
export function planMatch(formed: FormedMatch, context: PlanContext): PlannedMatch | undefined {
  const { view, mode, partition, version, now } = context;
  const ticketIds = formed.teams.flat().map(({ ticketId }) => ticketId);
  const tickets = ticketIds.map((ticketId) => view.openTickets.get(ticketId));
  if (!tickets.every((ticket): ticket is TicketRecord => ticket?.state === 'open')) return undefined;
  const state = firstState(context);
  const record: MatchRecord = {
    matchId: randomUUID(),
    mode: mode.name,
    version,
    teams: formed.teams.map((team) => team.flatMap(({ players }) => players)),
    createdAt: now,
    state,
    partition,
    tickets: ticketIds,
    ...(mode.versionGroup !== undefined && { versionGroup: mode.versionGroup }),
    hardKeys: hardKeysOf(mode, tickets[0]?.attributes ?? {}),
    ...(formed.roles && { roles: formed.roles }),
    ...(formed.region !== undefined && { region: formed.region }),
    ...(state === 'proposed' && { accepted: [], acceptUntil: now + (mode.readyCheckMs ?? 0) }),
    ...(state === 'allocating' && { allocateUntil: now + (context.allocateWithinMs ?? 0) }),
  };
  const ticketState = state === 'formed' ? 'matched' : 'proposed';
  const messages = tickets.flatMap((ticket) =>
    ticketMessages({ ...ticket, state: ticketState, matchId: record.matchId }, (player) =>
      view.seqOf(player),
    ),
  );
  const waits = tickets.map(({ since }) => now - since);
  // The record last: a reader of it has read its tickets.
  return { record, ids: ticketIds, waits, messages: [...messages, matchMessage(record, 0)] };
}

function firstState({ mode, allocateWithinMs }: PlanContext): MatchState {
  if (mode.readyCheckMs !== undefined) return 'proposed';
  return allocateWithinMs === undefined ? 'formed' : 'allocating';
}

function hardKeysOf(mode: Mode, given: Attributes): Attributes {
  const attributes = completeAttributes(mode, given);
  return Object.fromEntries(mode.hardKeys.map((key) => [key, attributes[key] ?? '']));
}
