import { listEntitiesHandler } from '@ccgame/entities/operations';
import { columns } from '../columns.js';
import { askAll } from './ask-servers.js';
import type { OperatorSession } from './operator-session.js';
import { atLeast, type Findings, lengthText } from './show.js';

/** The options of `ccgame rooms`. */
export interface ListRoomsOptions {
  /** Only those that this player is in. */
  player?: string;
  /** Entities that are no rooms, too. */
  all: boolean;
  limit: number;
}

/** The rooms that servers have, the oldest first. */
export async function listRooms(
  session: OperatorSession,
  { player: playerId, all, limit }: ListRoomsOptions,
): Promise<Findings> {
  const { answers, silent } = await askAll(session, listEntitiesHandler, { playerId, limit: 1_000 });
  const rooms = answers
    .flatMap(({ server, data }) =>
      data.entities.map((one) => ({ ...one, serverId: server.serverId, version: server.version })),
    )
    .filter(({ isRoom }) => all || isRoom)
    .sort((a, b) => b.ageMs - a.ageMs);
  // Servers list so many each; where one has more, not all are here.
  const isCut = answers.some(({ data }) => data.count > data.entities.length);
  const shown = rooms.slice(0, limit);
  const count = `${atLeast(rooms.length, silent)}${isCut ? ' or more' : ''}`;
  return {
    json: { count: rooms.length, isCut, rooms: shown },
    text: [
      columns([
        ['kind', 'id', 'server', 'version', 'members', 'age', ''],
        ...shown.map(({ name, id, serverId, version, members, ageMs, isStopped }) => [
          name,
          id,
          serverId,
          version,
          String(members),
          lengthText(ageMs),
          isStopped ? 'stopped' : '',
        ]),
      ]),
      `${all ? 'entities' : 'rooms'}: ${count}${shown.length < rooms.length ? `, the oldest ${shown.length} shown` : ''}`,
    ],
    silent,
  };
}
