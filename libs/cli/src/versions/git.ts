import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const runFile = promisify(execFile);
const mostBytes = 16 * 1024 * 1024;

/** The output of a git command, without the last line's end. @throws Error when it fails, or there is no git */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await runFile('git', args, { cwd, maxBuffer: mostBytes });
  return stdout.trimEnd();
}

/** As {@link git}; undefined when it fails. */
export function tryGit(cwd: string, ...args: string[]): Promise<string | undefined> {
  return git(cwd, ...args).catch(() => undefined);
}

/** The changes of a folder that are in no commit, as `git status --porcelain` prints them. */
export async function listChanges(folder: string): Promise<string[]> {
  const printed = await git(folder, 'status', '--porcelain', '--', '.');
  return printed.split('\n').filter((line) => line !== '');
}

/** The commit of a game's folder, with `+changes` where the files are not that commit's; undefined where git knows none. */
export async function revisionOf(folder: string): Promise<string | undefined> {
  const commit = await tryGit(folder, 'rev-parse', '--verify', '--quiet', 'HEAD');
  if (commit === undefined || !(await hasGame(folder, commit))) return undefined;
  return (await listChanges(folder)).length > 0 ? `${commit}+changes` : commit;
}

/** Whether a commit has the game of a folder of its repository. */
export async function hasGame(folder: string, commit: string): Promise<boolean> {
  const prefix = await tryGit(folder, 'rev-parse', '--show-prefix');
  const found = ['package.json', 'apps'].map((name) => `${commit}:${prefix ?? ''}${name}`);
  const kinds = await Promise.all(found.map((name) => tryGit(folder, 'cat-file', '-t', name)));
  return kinds.join() === 'blob,tree';
}
