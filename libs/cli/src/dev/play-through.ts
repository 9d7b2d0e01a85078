import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs one step of the game and shows it. */
export type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The public addresses through which a game is played, by a client that knows nothing of ccgame's code. */
export interface GameDoors {
  /** The public address: HTTP and sockets. */
  url: string;
  version: string;
  /** The key with which a game server reports a result. */
  serverKey: string;
}

/** The things that a game's `playThrough` works with. */
export interface PlayThroughOptions extends GameDoors {
  runStep: RunStep;
  /** Runs a job of the cron app to its end, by the name behind `start:` in package.json. */
  runJob: (name: string) => Promise<void>;
}

/**
 * `game/src/play-through.ts` exports one as `playThrough`: `npm start` calls it for every version, and fails when it throws.
 *
 * @throws Error with a sentence that says which answer was wrong.
 */
export type PlayThrough = (options: PlayThroughOptions) => Promise<void>;

/** The game's own, as it was built in a folder. Undefined when it has none. */
export async function loadPlayThrough(folder: string): Promise<PlayThrough | undefined> {
  const file = join(folder, 'dist', 'play-through.js');
  if (!existsSync(file)) return undefined;
  const { playThrough } = (await import(pathToFileURL(file).href)) as { playThrough?: PlayThrough };
  if (!playThrough) throw new Error('game/src/play-through.ts exports no function playThrough.');
  return playThrough;
}
