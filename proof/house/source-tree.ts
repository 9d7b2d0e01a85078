import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The production code: what proves, measures or tests it is left out, and so is what is generated. */
const roots = ['apps', 'cli', 'examples', 'game', 'libs'];
const isTest = /\.(spec|e2e)\.ts$|\/test\/|\.d\.ts$/;

/** The TypeScript files of the production code, by path. */
export type SourceTree = Map<string, string>;

/** The files as they lie here, committed or not. */
export function readWorkingTree(): SourceTree {
  const paths = git('ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', ...roots);
  const deleted = new Set(git('ls-files', '--deleted', ...roots));
  return readTree(
    '.',
    paths.filter((path) => !deleted.has(path)),
  );
}

/** The files of a commit. @param ref whatever git takes for one */
export function readCommit(ref: string): SourceTree {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-house-'));
  try {
    const archive = execFileSync('git', ['archive', ref], { maxBuffer: 1e9 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return readTree(folder, git('ls-tree', '-r', '--name-only', ref, ...roots));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readTree(folder: string, paths: string[]): SourceTree {
  const code = paths.filter((path) => path.endsWith('.ts') && !isTest.test(path));
  return new Map(code.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

function git(...args: string[]): string[] {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1e9 }).split('\n').filter(Boolean);
}
