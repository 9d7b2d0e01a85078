import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runOrThrow } from './run-or-throw.js';

/**
 * A JavaScript runtime of npm, such as `bun`, under `.ccgame/`. Gives its program.
 *
 * @throws Error where npm's registry can't be reached, or it has no program for this machine
 */
export function installRuntime(name: string, version: string): string {
  const folder = resolve('.ccgame', `${name}-${version}`);
  const program = join(folder, 'node_modules', '.bin', name);
  if (!existsSync(program)) {
    const flags = ['--prefix', folder, '--no-audit', '--no-fund', '--no-save'];
    runOrThrow('npm', ['install', ...flags, `${name}@${version}`]);
  }
  runOrThrow(program, ['--version']);
  return program;
}
