import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runOrThrow } from './run-or-throw.js';

/**
 * A Python with the packages of a requirements file, in a virtual environment under `.ccgame/` that is made the first time.
 *
 * @throws Error where there is no python3, or PyPI can't be reached
 */
export function installPython(requirements: string): string {
  const name = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = resolve('.ccgame', `python-${name}`);
  const python = join(folder, 'bin', 'python');
  const isDone = join(folder, 'installed');
  if (existsSync(isDone)) return python;
  runOrThrow('python3', ['-m', 'venv', folder]);
  runOrThrow(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(isDone, '');
  return python;
}
