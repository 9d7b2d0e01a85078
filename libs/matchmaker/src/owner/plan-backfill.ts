import { randomUUID } from 'node:crypto';
import type { BackfillRecord, MatchRecord, TicketRecord } from '../contracts/matches.js';
import { remainderOf } from '../pool/search/backfill.js';
import type { BackfillRequest, FormedMatch } from '../pool/ticket.js';
import { backfillMessage, matchMessage, ticketMessages } from '../store/messages.js';
import type { PlanContext, PlannedMatch } from './plan-commit.js';

/**
 * The messages for players who join a running match: their tickets, a record of them alone, and what the match still asks for.
 * They aren't asked to accept, as the others play already. Undefined: a ticket or the request isn't open any more, or the match has asked
 * for others since they were found.
 */
export function planBackfill(
  formed: FormedMatch & { backfill: BackfillRequest },
  { view, partition, now }: PlanContext,
): PlannedMatch | undefined {
  const { matchId } = formed.backfill;
  const asked = view.backfills.get(matchId);
  const ticketIds = formed.teams.flat().map(({ ticketId }) => ticketId);
  const tickets = ticketIds.map((ticketId) => view.openTickets.get(ticketId));
  const isFree = tickets.every((ticket): ticket is TicketRecord => ticket?.state === 'open');
  if (!isFree || asked?.record.state !== 'open' || !isSame(formed.backfill, asked.record)) return undefined;
  // The game runs on in the version in which it began, whichever servers find its players.
  const { mode, version, notify, allocation } = asked.record;
  const teams = formed.teams.map((team) => team.flatMap(({ players }) => players));
  const record: MatchRecord = {
    matchId: randomUUID(),
    backfillOf: matchId,
    mode,
    version,
    teams,
    createdAt: now,
    state: 'formed',
    partition,
    tickets: ticketIds,
    ...(formed.roles && { roles: formed.roles }),
    ...(formed.region !== undefined && { region: formed.region }),
    ...(notify && { notify }),
    ...(allocation !== undefined && { allocation }),
  };
  const messages = tickets.flatMap((ticket) =>
    ticketMessages({ ...ticket, state: 'matched', matchId }, (player) => view.seqOf(player)),
  );
  return {
    record,
    ids: [...ticketIds, matchId],
    waits: tickets.map(({ since }) => now - since),
    messages: [
      ...messages,
      backfillMessage(remainderAfter(asked.record, formed, teams), asked.seq, now),
      matchMessage(record, 0),
    ],
  };
}

/** Whether these are the places for which players were found. */
function isSame({ places, lacks }: BackfillRequest, record: BackfillRecord): boolean {
  return JSON.stringify([places, lacks]) === JSON.stringify([record.places, record.lacks]);
}

/**
 * The most players that a request keeps, of each team and of all together; results know all of them. With ids of 128 characters those
 * are half of what NATS carries: for more it would cut the connection.
 */
const mostJoined = { ofTeam: 200, ofAll: 4_000 };

function remainderAfter(record: BackfillRecord, formed: FormedMatch, teams: string[][]): BackfillRecord {
  const { lacks: _, ...before } = record;
  const left = remainderOf(formed);
  const count = Math.max(before.joined.length, teams.length);
  const most = Math.min(mostJoined.ofTeam, Math.floor(mostJoined.ofAll / count));
  const joined = Array.from({ length: count }, (__, team) =>
    [...(before.joined[team] ?? []), ...(teams[team] ?? [])].slice(-most),
  );
  if (!left) return { ...before, joined, places: [], state: 'filled' };
  return { ...before, joined, places: left.places, ...(left.lacks && { lacks: left.lacks }) };
}
