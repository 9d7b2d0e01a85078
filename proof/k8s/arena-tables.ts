import { type Client, connect } from '@ccgame/client';
import type { ArenaAllocation } from '#arena/arena-allocator.js';
import type { Game } from '#game/contracts.js';
import { ArenaPlayer } from '../torture-rooms/arena-player.js';
import { RoomRecorder } from '../torture-rooms/room-recorder.js';
import type { Table } from '../torture-rooms/tables.js';
import { login } from './doors.js';

const seats = 4;

interface Seat {
  playerId: string;
  client: Client<Game>;
  roomId: string;
}

/** Players who queue for an arena by the public door, at the tables that their matches opened. All of them steer. */
export async function openTables(url: string, count: number): Promise<Table[]> {
  const clients = await Promise.all(Array.from({ length: count * seats }, () => openClient(url)));
  const found = await Promise.all(clients.map((client) => findSeat(client)));
  const tables = [...new Set(found.map(({ roomId }) => roomId))].map((roomId): Table => {
    const own = found.filter((seat) => seat.roomId === roomId);
    const recorder = new RoomRecorder(
      roomId,
      own.map(({ playerId }) => playerId),
    );
    return {
      roomId,
      recorder,
      players: own.map(({ playerId, client }) => new ArenaPlayer(playerId, client, roomId, recorder)),
    };
  });
  for (const { players } of tables) for (const player of players) player.startSteering();
  return tables;
}

async function openClient(url: string): Promise<Omit<Seat, 'roomId'>> {
  const deviceId = `arena-${crypto.randomUUID()}`;
  const { playerId, token } = await login(url, deviceId);
  const client = connect<Game>({ url, token, timeoutMs: 30_000 });
  await client.ready;
  return { playerId, client };
}

/** On a slow cluster too. */
const seatWithinMs = 120_000;

async function findSeat({ playerId, client }: Omit<Seat, 'roomId'>): Promise<Seat> {
  const matched = new Promise<string>((resolve, reject) => {
    const error = new Error(`${playerId} got no seat in ${seatWithinMs / 1_000} s`);
    setTimeout(() => reject(error), seatWithinMs).unref();
    client.on('matched', ({ allocation }) => {
      const { roomId } = (allocation ?? {}) as Partial<ArenaAllocation>;
      if (roomId !== undefined) resolve(roomId);
    });
  });
  matched.catch(() => undefined);
  await client.request('matching.user_join_matching', { mode: 'arena' });
  return { playerId, client, roomId: await matched };
}
