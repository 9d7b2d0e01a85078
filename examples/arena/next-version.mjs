// Prints a folder with the arena's next version: a clone of this repository in which walls throw discs back, as a commit on top of HEAD.
// The same HEAD gives the same commit, so that it is built once. Nothing of the repository is touched.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [to = join(process.cwd(), '.ccgame', 'arena-next')] = process.argv.slice(2);
const rules = join(import.meta.dirname, 'src', 'rules.ts');

const git = (cwd, args, env = {}) =>
  execFileSync('git', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' }).trim();

/** Each has to be found, or the next version would be none. */
const changes = [
  [`rule = 'walls stop you'`, `rule = 'walls throw you back'`],
  ['disc.speed[axis] = 0;', 'disc.speed[axis] *= -1;'],
];

const repository = git(import.meta.dirname, ['rev-parse', '--show-toplevel']);
rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
git(repository, ['clone', '--quiet', '--shared', repository, to]);
const file = join(to, relative(repository, rules));
const text = changes.reduce(
  (before, [from, instead]) => {
    if (!before.includes(from))
      throw new Error(`${file} has no ${from}: mend examples/arena/next-version.mjs.`);
    return before.replace(from, instead);
  },
  readFileSync(file, 'utf8'),
);
writeFileSync(file, text);
const date = git(to, ['show', '--no-patch', '--format=%cI', 'HEAD']);
const who = { NAME: 'arena', EMAIL: 'arena@localhost', DATE: date };
const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  ),
);
git(to, ['commit', '--quiet', '--all', '--no-verify', '--message', 'Let walls throw discs back'], identity);
process.stdout.write(`${to}\n`);
