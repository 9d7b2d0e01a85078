import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * The variables that servers on this machine get beside their own: those of the game's `.env`, and over them those that the command was
 * given. Variables that npm adds are left out.
 */
export function passedEnvironment(root: string): Record<string, string> {
  const file = join(root, '.env');
  // A mark of the byte order, as some editors write it, would be a part of the first name.
  const ofFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8').replace(/^\ufeff/, '')) : {};
  const all = Object.entries({ ...ofFile, ...process.env });
  return Object.fromEntries(
    all.filter((pair): pair is [string, string] => pair[1] !== undefined && !pair[0].startsWith('npm_')),
  );
}
