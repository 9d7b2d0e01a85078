import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SourceProblem } from './source-problem.js';
import type { VersionSource } from './version-source.js';

/** They are made of the others. */
const made = new Set(['node_modules', 'dist', '.ccgame', '.git']);

/** A game's folder that belongs to no repository, as it is now. */
export class FolderSource implements VersionSource {
  readonly name: string;

  private constructor(
    private readonly folder: string,
    private readonly paths: string[],
    hash: string,
  ) {
    this.name = `files-${hash}`;
  }

  /** @param text as the person named it @throws SourceProblem when it is no game */
  static open(folder: string, text: string): FolderSource {
    if (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'apps')))
      throw new SourceProblem(`${text} is no game: it has no package.json and apps/.`);
    const paths = listFiles(folder).sort();
    const hash = createHash('sha256');
    for (const path of paths)
      hash
        .update(`${path}\n`)
        .update(readFileSync(join(folder, path)))
        .update('\n');
    return new FolderSource(folder, paths, hash.digest('hex').slice(0, 16));
  }

  get revision(): string {
    return this.name;
  }

  async writeFiles(folder: string): Promise<void> {
    for (const path of this.paths) {
      const from = join(this.folder, path);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), readFileSync(from), { mode: statSync(from).mode });
    }
  }
}

/** Paths of a game's own files, from its folder on. @throws SourceProblem for a link to a folder, which may lead anywhere */
function listFiles(folder: string, path = ''): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name);
    if (made.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) return [];
    if (entry.isDirectory()) return listFiles(folder, inner);
    if (entry.isSymbolicLink() && statSync(join(folder, inner)).isDirectory())
      throw new SourceProblem(
        `${join(folder, inner)} is a link to a folder: a version's code is copied without them.`,
      );
    return [inner];
  });
}
