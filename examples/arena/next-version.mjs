// Prints a folder with the arena's next version: a clone of this repository in which walls throw discs back, as a commit on top of HEAD.
// The same HEAD gives the same commit, so that it is built once. Nothing of the repository is touched.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { withNextRules } from './next-rules.mjs';

const [to = join(process.cwd(), '.ccgame', 'arena-next')] = process.argv.slice(2);
const rules = join(import.meta.dirname, 'src', 'rules.ts');

const git = (cwd, args, env = {}) =>
  execFileSync('git', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' }).trim();

const repository = git(import.meta.dirname, ['rev-parse', '--show-toplevel']);
rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
git(repository, ['clone', '--quiet', '--shared', repository, to]);
const file = join(to, relative(repository, rules));
writeFileSync(file, withNextRules(readFileSync(file, 'utf8')));
const date = git(to, ['show', '--no-patch', '--format=%cI', 'HEAD']);
const who = { NAME: 'arena', EMAIL: 'arena@localhost', DATE: date };
const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  ),
);
git(to, ['commit', '--quiet', '--all', '--no-verify', '--message', 'Let walls throw discs back'], identity);
process.stdout.write(`${to}\n`);
