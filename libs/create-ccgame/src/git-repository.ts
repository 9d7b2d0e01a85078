import { spawnSync } from 'node:child_process';

/** Whether there is the new game's first commit. */
export type RepositoryOutcome = 'committed' | 'not committed' | 'inside another' | 'no git';

/** Makes a git repository of a new game, with a first commit; inside of another one nothing is done. */
export function makeRepository(folder: string): RepositoryOutcome {
  const git = (...args: string[]): number | null =>
    spawnSync('git', args, { cwd: folder, stdio: 'ignore' }).status;
  if (git('--version') !== 0) return 'no git';
  if (git('rev-parse', '--is-inside-work-tree') === 0) return 'inside another';
  const isThere = git('init', '--quiet', '--initial-branch=main') === 0 && git('add', '--all') === 0;
  if (!isThere) return 'no git';
  const commit = ['commit', '--quiet', '--no-verify', '--message', 'Create the game with create-ccgame'];
  // Signing may ask for a password. Without a name and an address git refuses.
  return git('-c', 'commit.gpgsign=false', ...commit) === 0 ? 'committed' : 'not committed';
}
