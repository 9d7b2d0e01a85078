import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { git } from './git.js';
import { SourceProblem } from './source-problem.js';
import type { VersionSource } from './version-source.js';

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
    const from = ['archive', '--format=tar', `${this.revision}:${this.prefix}`];
    const archive = spawn('git', from, { cwd: this.repository, stdio: ['ignore', 'pipe', 'inherit'] });
    // -m: what is compiled of these files is never newer than they are.
    const unpack = spawn('tar', ['-x', '-m', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
    const ends = [once(archive, 'close'), once(unpack, 'close')];
    await pipeline(archive.stdout, unpack.stdin);
    const codes = (await Promise.all(ends)).map(([code]) => code as number);
    if (codes.some((code) => code !== 0))
      throw new SourceProblem(`The files of ${this.revision} can't be written to ${folder}.`);
  }
}
