import { ForeignPlayer } from './foreign-player.js';
import { Game } from './game.js';
import type { Library } from './libraries.js';

const mode = 'duel';
const statusRoute = 'matching.user_matching_status';

/** A library that was made ready, and the command that plays with it. */
export interface Contender {
  library: Library;
  command: string[];
}

interface Playing {
  player: ForeignPlayer;
  library: Library;
}

/**
 * Two players of each library, all in one game, through login, match, kill, planned stop and release.
 *
 * @throws Error that says what did not come
 */
export async function play(contenders: Contender[], tell: (line: string) => void): Promise<void> {
  const game = await Game.start();
  const playing = contenders.flatMap(({ library, command }) =>
    [1, 2].map(() => ({ library, player: new ForeignPlayer(command, game.url, library.name) })),
  );
  const players = playing.map(({ player }) => player);
  try {
    await Promise.all(
      players.map((player) => player.until('is connected', () => player.all('connect').length === 1)),
    );
    tell('logged in and connected');
    await match(players);
    tell('matched');
    for (const [what, change] of [
      ['a SIGKILL of the connector', () => game.killConnector()],
      ['a planned stop of it', () => game.stopConnector()],
      ['a release of the next version', () => game.release()],
    ] as const) {
      const ms = await survive(game, playing, change);
      const missed = contenders.every(({ library }) => library.recovers) ? ', and missed no push' : '';
      tell(`back ${ms} ms after ${what}${missed}`);
    }
    await match(players);
    tell('matched in the next version');
  } finally {
    for (const player of players) player.close();
    await game.stop();
  }
}

async function match(players: ForeignPlayer[]): Promise<void> {
  const before = players.map((player) => player.pushes('matched').length);
  for (const player of players) await player.request('matching.user_join_matching', { mode });
  await Promise.all(
    players.map((player, index) =>
      player.until('is told of the match', () => player.pushes('matched').length > before[index]),
    ),
  );
}

/** The players come back by themselves, and are answered and pushed to again. Gives how long the slower one was away, ms. */
async function survive(game: Game, playing: Playing[], change: () => Promise<void>): Promise<number> {
  const connected = playing.map(({ player }) => player.all('connect').length);
  const away: number[] = [];
  const returns = playing.map(async ({ player, library: { recovers, moves } }, index) => {
    const gone = player.all('disconnect').length;
    const isAway = (): boolean => player.all('disconnect').length > gone;
    const isBack = (): boolean => player.all('connect').length > connected[index];
    await player.until('is disconnected', () => isAway() || (moves === true && isBack()), 90_000);
    const goneAt = performance.now();
    // While nobody is connected, for those that can ask for it.
    await game.push(player.playerId, 'missed', connected[index]);
    await player.until('is connected again', isBack);
    away.push(performance.now() - goneAt);
    await game.push(player.playerId, 'after', connected[index]);
    await player.until('is pushed to', () => player.pushes('after').at(-1) === connected[index]);
    if (recovers)
      await player.until('has the missed push', () => player.pushes('missed').at(-1) === connected[index]);
    await player.request(statusRoute, {});
  });
  await Promise.all([change(), ...returns]);
  for (const { player } of playing) {
    for (const route of ['missed', 'after']) {
      const values = player.pushes(route);
      if (new Set(values).size !== values.length)
        throw new Error(`${route} came twice: ${values.join(', ')}`);
    }
  }
  return Math.round(Math.max(...away));
}
