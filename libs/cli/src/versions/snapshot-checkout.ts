import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { moveInto, openBuild } from './build-source.js';
import { revisionOf } from './git.js';
import { markBuilt, readBuild, type VersionBuild, versionsFolder } from './version-build.js';

/** The files of a build that are run: the bundled servers, the pages that they serve, and the game that is played at the start. */
const whatIsRun = ['package.json', 'dist/servers', 'dist/pages', 'dist/play-through.js'];

/**
 * Keeps what is built in the game's folder now: servers that are started again have this code, whatever is built there
 * meanwhile. Files that are not in the bundle are still those of the game's folder.
 *
 * @throws SourceProblem when a server isn't built
 */
export async function snapshotCheckout(root: string): Promise<VersionBuild> {
  const files = new Map<string, Buffer>();
  for (const path of whatIsRun) readInto(files, root, path);
  const revision = await revisionOf(root);
  const folder = join(versionsFolder(root), `built-${hashOf(files, revision)}`);
  if (!readBuild(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    try {
      for (const [path, content] of files) writeInto(join(unfinished, path), content);
      symlinkSync(realpathSync(join(root, 'node_modules')), join(unfinished, 'node_modules'));
      markBuilt(unfinished, root, revision);
      moveInto(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return openBuild(folder);
}

/** A file, or all files of a folder, by path from `root`. */
function readInto(files: Map<string, Buffer>, root: string, path: string): void {
  const from = join(root, path);
  if (!existsSync(from)) return;
  if (!statSync(from).isDirectory()) files.set(path, readFileSync(from));
  else for (const name of readdirSync(from)) readInto(files, root, join(path, name));
}

function hashOf(files: Map<string, Buffer>, revision = ''): string {
  const hash = createHash('sha256').update(revision);
  for (const [path, content] of files) hash.update(`${path}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

function writeInto(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
