import type { ArenaView } from './arena-contracts.js';

/** A player as a test client has one: any client of the game. */
export interface ArenaPlayer {
  playerId: string;
  ask(route: string, data: unknown): Promise<unknown>;
  /** The first push of a route that fits. */
  nextPush<T>(route: string, fits?: (data: T) => boolean): Promise<T>;
}

/** Ticks. */
const mostTries = 100;

/**
 * Plays the beginning of a round with four players, as `npm start` does with every version.
 *
 * @throws Error with a sentence that says what was wrong
 */
export async function playArena(players: ArenaPlayer[]): Promise<void> {
  const matches = players.map((player) =>
    player.nextPush<{ allocation?: { roomId: string } }>(
      'matched',
      ({ allocation }) => allocation !== undefined,
    ),
  );
  const isWhole = ({ room }: { room: string }): boolean => room.startsWith('arena.arena.');
  const states = players.map((player) => player.nextPush('room.state', isWhole));
  await Promise.all(players.map((player) => player.ask('matching.user_join_matching', { mode: 'arena' })));
  const rooms = new Set((await Promise.all(matches)).map(({ allocation }) => allocation?.roomId));
  if (rooms.size !== 1 || rooms.has(undefined)) throw new Error('The players were sent to different arenas.');
  await Promise.all(states);
  await Promise.all(players.map((player) => driveToMiddle(player)));
}

/** The input is answered, and the disc is driven by it. The player names no room: it is the own one. */
async function driveToMiddle(player: ArenaPlayer): Promise<void> {
  const { playerId } = player;
  const before = (await player.ask('arena.watch', {})) as ArenaView;
  const from = discIn(before, playerId);
  const to = Math.sign(400 - from.x);
  await player.ask('arena.steer', { x: to, y: 0 });
  for (let tries = 0; tries < mostTries; tries += 1) {
    await player.nextPush('room.change');
    const now = discIn((await player.ask('arena.watch', {})) as ArenaView, playerId);
    if ((now.x - from.x) * to > 5) return;
  }
  throw new Error(`${playerId} steered, and stays at ${from.x}.`);
}

function discIn({ discs }: ArenaView, playerId: string): { x: number } {
  const disc = discs.find(({ id }) => id === playerId);
  if (!disc) throw new Error(`${playerId} has no disc in its arena.`);
  return disc;
}
