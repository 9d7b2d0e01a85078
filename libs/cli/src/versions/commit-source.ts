import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorText } from '@ccgame/config';
import { git } from './git.js';
import { SourceProblem } from './source-problem.js';
import type { VersionSource } from './version-source.js';

const unpack = promisify(execFile);

/** A game as a commit has it. Neither the repository's work tree nor its list of work trees is touched. */
export class CommitSource implements VersionSource {
  private constructor(
    private readonly repository: string,
    readonly revision: string,
    /** The game's folder in it, with a `/` at its end; empty where it is the whole. */
    private readonly prefix: string,
  ) {}

  /** @param folder the game's, in a work tree of the repository */
  static async open(folder: string, commit: string): Promise<CommitSource> {
    const repository = await git(folder, 'rev-parse', '--show-toplevel');
    return new CommitSource(repository, commit, await git(folder, 'rev-parse', '--show-prefix'));
  }

  get name(): string {
    return ['commit', this.revision.slice(0, 16), ...this.prefix.split('/').filter(Boolean)].join('-');
  }

  async writeFiles(folder: string): Promise<void> {
    // In the folder: what is interrupted goes with it.
    const archive = join(folder, '.commit.tar');
    try {
      await git(this.repository, 'archive', `--output=${archive}`, `${this.revision}:${this.prefix}`);
      // -m: what is compiled of these files is never newer than they are.
      await unpack('tar', ['-x', '-m', '-f', archive, '-C', folder]);
    } catch (error) {
      throw new SourceProblem(
        `The files of ${this.revision} can't be written to ${folder}: ${errorText(error)}`,
      );
    } finally {
      await rm(archive, { force: true });
    }
  }
}
