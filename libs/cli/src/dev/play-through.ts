import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs one step of the game and shows it. */
export type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** What a game is played through: the public doors, as a client that knows nothing of ccgame's code has them. */
export interface GameDoors {
  /** The public address: HTTP and sockets. */
  url: string;
  version: string;
  /** What a game server shows to report a result. */
  serverKey: string;
}

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
