import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian keeps each version's programs in a folder of their own. */
const debianFolder = '/usr/lib/postgresql';

/**
 * The folder of PostgreSQL's own programs: on PATH, or of a Debian package, which is installed where we may.
 *
 * @throws Error that says what to install, since a store that was tried on no PostgreSQL is not known to work
 */
export function findPostgres(): string {
  const failure = find() ? '' : install();
  const found = find();
  if (!found) throw new Error(`There is no PostgreSQL for the tests. Install one as root: ${failure}`);
  return found;
}

function find(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  const newestFirst = versions.sort((one, other) => Number(other) - Number(one));
  const folders = [
    ...newestFirst.map((version) => join(debianFolder, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** Returns what would have to be run, and why it failed. */
function install(): string {
  const steps = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'],
  ];
  if (process.getuid?.() !== 0) return 'apt-get install postgresql';
  process.stderr.write('installing postgresql with apt-get, for the tests of its store (once)\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const step of steps) {
    const options = ['-o', 'DPkg::Lock::Timeout=120', ...step];
    const { status, stderr } = spawnSync('apt-get', options, { env, encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) return `apt-get ${step.join(' ')}: ${stderr?.trim() || 'it did not end'}`;
  }
  return 'apt-get install postgresql';
}
