import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../dev/run-command.js';
import { provideDependencies } from './link-dependencies.js';
import { SourceProblem } from './source-problem.js';
import { markBuilt, noteUse, readBuild, type VersionBuild, versionsFolder } from './version-build.js';
import type { VersionSource } from './version-source.js';

/**
 * Builds a version's code in a folder of its own, by the code's own `npm run build`; what was built before is found again.
 *
 * @param root the game's folder, whose dependencies serve where the lock file is the same
 * @throws SourceProblem with the end of what the build printed
 */
export async function buildSource(
  root: string,
  source: VersionSource,
  progress: (text: string) => void = () => {},
): Promise<VersionBuild> {
  const folder = join(versionsFolder(root), source.name);
  const unfinished = `${folder}.${process.pid}`;
  if (!readBuild(folder)) {
    try {
      await makeBuild(root, source, unfinished, progress);
      moveInto(unfinished, folder);
    } catch (error) {
      throw new SourceProblem(`${source.revision} can't be built: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return openBuild(folder);
}

/** @throws Error when there is none */
export function openBuild(folder: string): VersionBuild {
  const build = readBuild(folder);
  if (!build) throw new SourceProblem(`${folder} is no finished build.`);
  noteUse(build);
  return build;
}

/** Another process may have been faster: its build is the same. */
export function moveInto(unfinished: string, folder: string): void {
  if (readBuild(folder)) return;
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!readBuild(folder)) throw error;
  }
}

async function makeBuild(
  root: string,
  source: VersionSource,
  folder: string,
  progress: (text: string) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  progress('its files');
  await source.writeFiles(folder);
  progress('its dependencies');
  const others = readdirSync(versionsFolder(root)).map((name) => join(versionsFolder(root), name));
  await provideDependencies(folder, [root, ...others.filter((other) => readBuild(other))]);
  progress('npm run build');
  await runCommand('npm', ['run', '--silent', 'build'], { cwd: folder });
  markBuilt(folder, folder, source.revision);
}
