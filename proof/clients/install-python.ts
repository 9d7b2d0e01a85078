import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileDigest } from './file-digest.js';
import { runOrThrow } from './run-or-throw.js';

/**
 * A Python with the packages of a requirements file, in a virtual environment under `.ccgame/` that is made the first time.
 *
 * @throws Error where there is no python3 with pip 22.3, or PyPI can't be reached
 */
export function installPython(requirements: string): string {
  const folder = resolve('.ccgame', `python-${fileDigest(requirements)}`);
  const python = join(folder, 'bin', 'python');
  const isDone = join(folder, 'installed');
  if (existsSync(isDone)) return python;
  // A pip of the environment's own would take longer to install than all that it is for.
  runOrThrow('python3', ['-m', 'venv', '--without-pip', folder]);
  const flags = ['--quiet', '--disable-pip-version-check', '--retries', '1'];
  runOrThrow('python3', ['-m', 'pip', '--python', python, 'install', ...flags, '-r', requirements]);
  writeFileSync(isDone, '');
  return python;
}
