import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type GameManifest, usePublished, useTarballs } from './manifest.js';

/** The options of `npm create ccgame`. */
export interface CreateOptions {
  /** Where to: it must not exist, or be empty. Its name becomes the game's. */
  folder: string;
  /** A folder of tarballs of all ccgame packages; when left out, they come from the registry. */
  packages?: string;
}

/** The names that npm allows and people type, without scopes. */
const packageName = /^[a-z0-9][a-z0-9._-]{0,213}$/;

/**
 * Writes the repository of a new game.
 *
 * @throws Error with a sentence when the folder is in use, its name can't be a package's, or the template or a package is missing
 */
export function createGame({ folder, packages }: CreateOptions): void {
  const [target, name] = [resolve(folder), basename(resolve(folder))];
  if (!packageName.test(name))
    throw new Error(`"${name}" can't be a package's name: use lower-case letters, digits, "-", "_" and ".".`);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new Error(`${folder} is there already and not empty.`);
  const template = join(import.meta.dirname, 'template');
  if (!existsSync(template))
    throw new Error('The template is not made yet; run "npm run pack" in the clone of ccgame first.');
  const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8')) as GameManifest;
  const own = { ...manifest, name };
  const written = packages === undefined ? usePublished(own) : useTarballs(own, target, resolve(packages));
  cpSync(template, target, { recursive: true });
  restoreDotFiles(target);
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(written, null, 2)}\n`);
  const readme = join(target, 'README.md');
  writeFileSync(readme, readFileSync(readme, 'utf8').replaceAll('MY_GAME', name));
}

/** npm leaves some files out of a package by their names, so the template has `_` in place of the first dot. */
function restoreDotFiles(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith('_')) renameSync(join(folder, name), join(folder, name.replace('_', '.')));
}
