import { join } from 'node:path';
import { countsOf, type DevCommand, type DevOptions } from './options.js';
import { readObject } from '../game-files.js';
import { SourceProblem } from '../versions/source-problem.js';

interface Package {
  ccgame?: { servers?: Record<string, unknown> };
}

/** A game that is only tried, and one that is written at the moment, starts quickly with one server of each type. */
export function withUsualServers(options: DevOptions, command: DevCommand): DevOptions {
  if (options.once || command === 'dev') return options;
  return { ...options, servers: { ...usualServers(process.cwd()), ...options.servers } };
}

/**
 * The servers that a version has where `npm start` stays up and nobody says another number, by type: what the game's
 * package.json says under `ccgame.servers`, and one of each type that it doesn't name. Where a type has two, the players of a
 * killed one go on with the other.
 *
 * @throws SourceProblem when these are no counts; Error when package.json can't be read
 */
export function usualServers(root: string): Record<string, number> {
  const servers = readObject<Package>(join(root, 'package.json')).ccgame?.servers ?? {};
  const pairs = Object.entries(servers).map(([type, count]) => `${type}=${String(count)}`);
  try {
    return pairs.length === 0 ? {} : countsOf(pairs.join(','));
  } catch (error) {
    throw new SourceProblem(`ccgame.servers in package.json: ${(error as Error).message}`);
  }
}
