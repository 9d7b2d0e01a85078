import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moveInto, openBuild } from '../versions/build-source.js';
import { revisionOf } from '../versions/git.js';
import { markBuilt, readBuild, type VersionBuild, versionsFolder } from '../versions/version-build.js';
import type { GameBundle } from './game-bundler.js';

/** Writes a bundle into a folder of its own, which servers run: those that still run an earlier one keep theirs. */
export async function keepBundle(root: string, { files }: GameBundle): Promise<VersionBuild> {
  const revision = await revisionOf(root);
  const folder = join(versionsFolder(root), `dev-${hashOf(files, revision)}`);
  if (readBuild(folder)) return openBuild(folder);
  const unfinished = `${folder}.${process.pid}`;
  try {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(unfinished, path)), { recursive: true });
      writeFileSync(join(unfinished, path), content);
    }
    cpSync(join(root, 'package.json'), join(unfinished, 'package.json'));
    symlinkSync(realpathSync(join(root, 'node_modules')), join(unfinished, 'node_modules'));
    const pages = join(root, 'dist', 'pages');
    // The game's own, so that a changed page needs no other server.
    if (existsSync(pages)) symlinkSync(realpathSync(pages), join(unfinished, 'dist', 'pages'));
    markBuilt(unfinished, root, revision);
    moveInto(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return openBuild(folder);
}

function hashOf(files: GameBundle['files'], revision = ''): string {
  const hash = createHash('sha256').update(revision);
  for (const [path, content] of files) hash.update(`${path}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}
