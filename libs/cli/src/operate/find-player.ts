import { connectorHandlers, type PlayerSocket } from '@ccgame/edge/operations';
import { listEntitiesHandler, type ListedEntity } from '@ccgame/entities/operations';
import type { Sanction, SanctionKind, SessionRecord } from '@ccgame/sessions';
import type { SilentServer } from '../release/roll-call.js';
import { askAll, askServer } from './ask-servers.js';
import { findTicket, ticketText } from './find-ticket.js';
import { findRecord } from './find-record.js';
import { nowOfNats } from './now-of-nats.js';
import type { OperatorSession } from './operator-session.js';
import { type Findings, lengthText, timeText } from './show.js';

interface FoundSession {
  /** The record that connectors write. */
  record?: SessionRecord;
  /** The connector's own answer. */
  sockets?: PlayerSocket[];
  silent: SilentServer[];
}

type FoundRoom = ListedEntity & { serverId: string; version: string };

/** Where a player is: session, rooms, ticket and sanctions. */
export async function findPlayer(session: OperatorSession, playerId: string): Promise<Findings> {
  const [found, ticket, rooms, sanctions, now] = await Promise.all([
    findSession(session, playerId),
    findTicket(session, playerId),
    findRooms(session, playerId),
    session.moderation.sanctionsOf(playerId),
    nowOfNats(session),
  ]);
  const { record, sockets } = found;
  const { ticket: open, explanation } = ticket;
  const silent = onceEach([...found.silent, ...ticket.silent, ...rooms.silent]);
  const traces = [record, open, explanation, ...rooms.rooms, ...Object.keys(sanctions)];
  const isKnown = traces.some((trace) => trace !== undefined);
  return {
    json: {
      playerId,
      isKnown,
      session: record ?? null,
      sockets,
      ticket: open ?? null,
      explanation,
      rooms: rooms.rooms,
      sanctions,
    },
    text: [
      `player    ${playerId}`,
      ...sessionText(found),
      ...roomsText(rooms.rooms, rooms.silent),
      ...ticketText(ticket, now),
      ...sanctionsText(sanctions),
      ...(isKnown || silent.length > 0 ? [] : [unknownPlayer]),
    ],
    silent,
  };
}

/** A name that players see is the game's own: several players may have the same. */
const unknownPlayer =
  'Nothing is known of this id by now. It is the playerId that the login answers and log lines have, not a name; "ccgame players audit" tells of orders long ago.';

/** @throws NotRead */
async function findSession(session: OperatorSession, playerId: string): Promise<FoundSession> {
  const record = await findRecord(session, playerId);
  if (!record?.isConnected) return { record, silent: [] };
  const { serverId, version } = record;
  const connector = { serverId, serverType: 'connector', version };
  const { answers, silent } = await askServer(session, connector, connectorHandlers.findPlayer, { playerId });
  return { record, sockets: answers[0]?.data.sockets, silent };
}

async function findRooms(
  session: OperatorSession,
  playerId: string,
): Promise<{ rooms: FoundRoom[]; silent: SilentServer[] }> {
  const { answers, silent } = await askAll(session, listEntitiesHandler, { playerId, limit: 100 });
  const rooms = answers.flatMap(({ server, data }) =>
    data.entities.map((one) => ({ ...one, serverId: server.serverId, version: server.version })),
  );
  return { rooms, silent };
}

function sessionText({ record, sockets, silent }: FoundSession): string[] {
  if (!record) return ['session   none'];
  const { session, serverId, version, isConnected, since, isOver, why = 'it is not known why' } = record;
  const begin = since === undefined ? '' : `, since ${timeText(since)}`;
  const first = `session   ${session}, version ${version}${begin}`;
  const end = isOver ? 'nobody can go on with it' : 'it may be resumed';
  if (!isConnected) return [first, `socket    none; the last one was on ${serverId} (${why}), and ${end}`];
  if (silent.length > 0) return [first, `socket    on ${serverId}, which does not answer`];
  const here = (sockets ?? []).map(
    ({ isSdk, openForMs, inFlight }) =>
      `socket    on ${serverId}, for ${lengthText(openForMs)}, ${isSdk ? 'SDK' : 'plain client'}, ${inFlight} in flight`,
  );
  return [first, ...(here.length > 0 ? here : [`socket    ${serverId} has none any more`])];
}

function roomsText(rooms: FoundRoom[], silent: SilentServer[]): string[] {
  const lines = rooms.map(
    ({ name, id, serverId, members, ageMs }) =>
      `room      ${name} ${id} on ${serverId}, ${members} members, for ${lengthText(ageMs)}`,
  );
  if (lines.length > 0) return lines;
  return [silent.length > 0 ? 'room      ?' : 'room      none'];
}

function sanctionsText(sanctions: Partial<Record<SanctionKind, Sanction>>): string[] {
  return Object.entries(sanctions).map(([kind, { reason, by, until }]) => {
    const end = until === undefined ? 'until it is lifted' : `until ${timeText(until)}`;
    return `${kind.padEnd(9)} ${end}, by ${by}: ${reason}`;
  });
}

function onceEach(silent: SilentServer[]): SilentServer[] {
  return [...new Map(silent.map((server) => [server.serverId, server])).values()];
}
