import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommitSource } from './commit-source.js';
import { FolderSource } from './folder-source.js';
import { hasGame, listChanges, tryGit } from './git.js';
import { SourceProblem } from './source-problem.js';
import type { VersionSource } from './version-source.js';

/**
 * The source that a person named: a commit, branch or tag of the game's repository, or a folder.
 *
 * @param root the game's folder
 * @throws SourceProblem
 */
export async function findSource(root: string, text: string): Promise<VersionSource> {
  const folder = resolve(root, text);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const commit = /^[./]/.test(text) ? undefined : await commitNamed(root, text);
  if (commit !== undefined && isFolder)
    throw new SourceProblem(
      `${text} is a folder and a name of a commit: say ./${text}, or the commit's hash.`,
    );
  if (commit !== undefined) return sourceOfCommit(root, commit, text);
  if (isFolder) return sourceOfFolder(folder, text);
  throw new SourceProblem(
    `${text} is neither a folder nor a commit, branch or tag of the git repository of ${root}.`,
  );
}

function commitNamed(root: string, text: string): Promise<string | undefined> {
  return tryGit(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${text}^{commit}`);
}

async function sourceOfCommit(root: string, commit: string, text: string): Promise<CommitSource> {
  if (!(await hasGame(root, commit)))
    throw new SourceProblem(`${text} has no game: its commit has no package.json and apps/ here.`);
  return CommitSource.open(root, commit);
}

/** A folder of a repository is its commit, so that a build can always be told by one. */
async function sourceOfFolder(folder: string, text: string): Promise<VersionSource> {
  const head = await tryGit(folder, 'rev-parse', '--verify', '--quiet', 'HEAD');
  if (head === undefined || !(await hasGame(folder, head))) return FolderSource.open(folder, text);
  const changes = await listChanges(folder);
  if (changes.length > 0) throw new SourceProblem(explainChanges(text, changes));
  return CommitSource.open(folder, head);
}

function explainChanges(text: string, changes: string[]): string {
  const shown = changes.slice(0, 5).map((line) => line.trim());
  const others = changes.length > 5 ? ` and ${changes.length - 5} more` : '';
  return `${text} has changes that are in no commit (${shown.join(', ')}${others}). Commit them, or name "$(git stash create)", which is a commit of the changed files that touches nothing.`;
}
