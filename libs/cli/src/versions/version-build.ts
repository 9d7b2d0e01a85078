import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverTypesOf } from '@ccgame/testing';
import { readObject } from '../game-files.js';
import { SourceProblem } from './source-problem.js';

/** Compiled code that servers of a version run. Nobody changes it once it is there. */
export interface VersionBuild {
  /** Holds `dist/` and `node_modules/`, and is the servers' working directory. */
  folder: string;
  /** Its source: a commit, or `files-` and a hash. Undefined where git knows none. */
  revision?: string;
  serverTypes: string[];
}

/** Written last: a folder without it was left half done. */
const mark = 'build.json';

/** The folder of the builds of other versions, one each. */
export const versionsFolder = (root: string): string => join(root, '.ccgame', 'versions');

/** Notes what a finished build is. @param sources the folder with `apps/` @throws SourceProblem for a server without its code */
export function markBuilt(folder: string, sources: string, revision?: string): void {
  const serverTypes = serverTypesOf(sources);
  const lacking = serverTypes.filter((type) => !existsSync(join(folder, 'dist', 'servers', `${type}.js`)));
  if (lacking.length > 0)
    throw new SourceProblem(
      `apps/${lacking.join(', apps/')} ${lacking.length === 1 ? 'is' : 'are'} not built in ${sources}: run "npm run build" there.`,
    );
  writeFileSync(join(folder, mark), JSON.stringify({ revision, serverTypes }));
}

/** A finished build; undefined when there is none, also where the power went while its mark was written. */
export function readBuild(folder: string): VersionBuild | undefined {
  const file = join(folder, mark);
  if (!existsSync(file)) return undefined;
  try {
    const { revision, serverTypes } = readObject<VersionBuild>(file);
    return Array.isArray(serverTypes) ? { folder, revision, serverTypes } : undefined;
  } catch {
    return undefined;
  }
}

/** Those that were not used for the longest time are removed first. */
export function noteUse({ folder }: VersionBuild): void {
  const now = new Date();
  utimesSync(join(folder, mark), now, now);
}

/** Epoch ms; undefined for a build that isn't finished. */
export function lastUseOf(folder: string): number | undefined {
  return statSync(join(folder, mark), { throwIfNoEntry: false })?.mtimeMs;
}
