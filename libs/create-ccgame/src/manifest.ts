import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The fields of a package.json that are read and changed. */
export interface GameManifest {
  name: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

type Ranges = Record<string, string>;

const isOurs = (name: string): boolean => name.startsWith('@ccgame/');

/** Any later version that is compatible. */
export function usePublished(manifest: GameManifest): GameManifest {
  const range = (ranges: Ranges): Ranges =>
    mapRanges(ranges, (name, version) => (isOurs(name) ? `^${version}` : version));
  return {
    ...manifest,
    dependencies: range(manifest.dependencies),
    devDependencies: range(manifest.devDependencies),
  };
}

/**
 * Every package as a file, also those that only other packages need: npm would look for these in the registry.
 *
 * @throws Error that names the folder that is missing, or a package that isn't in it
 */
export function useTarballs(manifest: GameManifest, target: string, folder: string): GameManifest {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  const files = new Map(
    readdirSync(folder)
      .filter((file) => /^ccgame-.*\.tgz$/.test(file))
      .map((file) => [nameOf(file), `file:${relative(target, join(folder, file))}`]),
  );
  const range = (ranges: Ranges): Ranges =>
    mapRanges(ranges, (name, version) => {
      const file = files.get(name);
      if (isOurs(name) && file === undefined) throw new Error(`${folder} has no tarball of ${name}.`);
      return file ?? version;
    });
  const others = [...files].filter(([name]) => manifest.dependencies[name] === undefined);
  const development = { ...range(manifest.devDependencies), ...Object.fromEntries(others) };
  return { ...manifest, dependencies: range(manifest.dependencies), devDependencies: sorted(development) };
}

/** As npm writes them at the next `npm install`. */
const sorted = (ranges: Ranges): Ranges =>
  Object.fromEntries(Object.entries(ranges).sort(([one], [other]) => one.localeCompare(other, 'en')));

/** `ccgame-match-results-0.2.0.tgz` → `@ccgame/match-results` */
const nameOf = (file: string): string => file.replace(/^ccgame-(.*?)-\d+\..*$/, '@ccgame/$1');

function mapRanges(ranges: Ranges, change: (name: string, range: string) => string): Ranges {
  return Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, change(name, range)]));
}
