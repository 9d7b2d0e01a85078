import { GameErrors } from '@ccgame/protocol';
import { type TicketRecord } from '../contracts/matches.js';
import { isOpen } from '../store/messages.js';
import type { Tickets } from '../store/ticket-store.js';

/** Nobody joins more often in the time that a join can be late: a server may be paused with it. */
const mostEarlier = 8;

/** The leader's ticket that stands there already instead of the wanted one. */
export function ownStanding(wanted: TicketRecord, stored: Tickets): TicketRecord | undefined {
  const own = stored.get(wanted.players[0] ?? '')?.record;
  if (!own) return undefined;
  const isSame = isOpen(own) && own.mode === wanted.mode && samePlayers(own, wanted);
  return isSame || wasAnswered(own, wanted) ? own : undefined;
}

/** Whether one of the players has an open ticket, of another join than this one. */
export function isQueuedBefore(wanted: TicketRecord, stored: Tickets): boolean {
  const own = stored.get(wanted.players[0] ?? '')?.record;
  if (own && wasAnswered(own, wanted)) return false;
  return openIn(stored).length > 0;
}

/** @throws RpcError ALREADY_QUEUED when one of the players has an open ticket */
export function refuseQueued(wanted: TicketRecord, stored: Tickets): void {
  const own = stored.get(wanted.players[0] ?? '')?.record;
  const queued = openIn(stored);
  if (queued.length === 0) return;
  const players = wanted.players.filter((player) => queued.some((one) => one.players.includes(player)));
  throw GameErrors.ALREADY_QUEUED({
    details: own && isOpen(own) ? { players, ticketId: own.ticketId, mode: own.mode } : { players },
  });
}

const openIn = (stored: Tickets): TicketRecord[] =>
  [...stored.values()].flatMap(({ record }) => record ?? []).filter(isOpen);

/** Tells a player's joins apart: the same one, tried or sent again, has the same. */
const joinId = ({ requestId, ticketId }: TicketRecord): string => requestId ?? ticketId;

/**
 * Whether a player's newest ticket shows that this join was done already: by a try whose ack was lost, or by another server
 * while this one was paused. Its ticket may be matched by now, and the player may have joined again since.
 */
export function wasAnswered(newest: TicketRecord, wanted: TicketRecord): boolean {
  if (newest.players[0] !== wanted.players[0]) return false;
  const id = joinId(wanted);
  return (
    newest.ticketId === wanted.ticketId || joinId(newest) === id || newest.earlier?.includes(id) === true
  );
}

/** The wanted ticket, in which its leader's last joins stand. */
export function afterEarlier(previous: TicketRecord | undefined, wanted: TicketRecord): TicketRecord {
  if (previous?.players[0] !== wanted.players[0]) return wanted;
  return { ...wanted, earlier: [joinId(previous), ...(previous.earlier ?? [])].slice(0, mostEarlier) };
}

function samePlayers(one: TicketRecord, other: TicketRecord): boolean {
  return [...one.players].sort().join() === [...other.players].sort().join();
}
