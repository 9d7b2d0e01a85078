import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installDebianPackage } from '../debian-package.js';

/** Debian keeps each version's programs in a folder of their own. */
const debianFolder = '/usr/lib/postgresql';

/**
 * The folder of PostgreSQL's own programs: on PATH, or of a Debian package, which is installed where we may.
 *
 * @throws Error that says what to install, since a store that was tried on no PostgreSQL is not known to work
 */
export function findPostgres(): string {
  const failure = find() ? '' : installDebianPackage('postgresql', 'for the tests of its store');
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
