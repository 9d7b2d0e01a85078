import { Logger } from '@nestjs/common';
import { assertData } from '@ccgame/rpc';
import type { RoomLabels, RoomOf } from '../live/entity-of.js';
import { synchronous } from '../live/synchronous.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { FindRoomsDto, FoundRoom, FoundRooms } from './find-rooms.contract.js';
import { inOrder } from './in-order.js';

const log = new Logger('entities');

/** Bytes of a room's labels as JSON: a page of rooms is one answer, and has to fit into a message of NATS. */
const mostLabelBytes = 2 * 1024;

/** A page of a server's own rooms. */
export function findRooms(all: readonly HeldEntity[], { limit, ...wanted }: FindRoomsDto): FoundRooms {
  const { name, after = '' } = wanted;
  const own = all.filter(
    ({ kind, id, isStopped }) => kind.mark.contract.name === name && id > after && !isStopped,
  );
  const found: FoundRoom[] = [];
  for (const held of inOrder(own)) {
    const room = describeRoom(held, wanted);
    if (room) found.push(room);
    // The one behind the page says that there is more.
    if (found.length > limit) break;
  }
  return pageOf(found, limit);
}

/** The first rooms by their ids; each once, though two servers tell of one that moves. */
export function pageOf(rooms: readonly FoundRoom[], limit: number): FoundRooms {
  const unique = new Map(rooms.map((room) => [room.id, room]));
  const sorted = [...unique.values()].sort(byId);
  const page = sorted.slice(0, limit);
  return { rooms: page, ...(sorted.length > limit && { next: page.at(-1)?.id }) };
}

const byId = (one: { id: string }, other: { id: string }): number => (one.id < other.id ? -1 : 1);

function describeRoom(
  { live, kind, id }: HeldEntity,
  { labels: wanted = {}, hasSeats }: Pick<FindRoomsDto, 'labels' | 'hasSeats'>,
): FoundRoom | undefined {
  const room = live.instance as RoomOf;
  const { capacity } = kind.mark;
  // First, as most rooms of a busy server are full, and the labels are the game's own code.
  if (hasSeats && live.seatsTaken >= (capacity ?? Infinity)) return undefined;
  const labels = live.look('labels', () => labelsOf(room, kind.mark.contract.name));
  if (!labels || !hasAll(labels, wanted)) return undefined;
  const members = room.members.length;
  return { id, version: live.place.version, members, capacity, labels };
}

/** Undefined: it is in no list; nor is one whose `labels` throws, gives what JSON can't hold, or more than a list has room for. */
function labelsOf(room: RoomOf, entity: string): RoomLabels | undefined {
  try {
    const labels = synchronous('labels', room.labels?.());
    if (!labels) return undefined;
    const json = JSON.stringify(labels);
    assertData(labels);
    const bytes = Buffer.byteLength(json);
    if (bytes > mostLabelBytes) throw new Error(`Labels of ${bytes} bytes, and ${mostLabelBytes} are listed`);
    return JSON.parse(json) as RoomLabels;
  } catch (error) {
    log.error({ event: 'room.labels-failed', entity, id: room.id, err: error });
    return undefined;
  }
}

function hasAll(labels: RoomLabels, wanted: RoomLabels): boolean {
  return Object.entries(wanted).every(
    ([label, value]) => Object.hasOwn(labels, label) && labels[label] === value,
  );
}
