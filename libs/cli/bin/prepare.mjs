// Runs before anything is installed: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Refuses a Node that is too old, installs what is missing, and compiles what has changed. */
export function prepare() {
  process.chdir(root);
  checkNode();
  if (!isInstalled())
    step('installing the dependencies (once)', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  step('compiling', process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  step('bundling the play page', process.execPath, [join('libs', 'client', 'build.mjs')]);
}

function checkNode() {
  const wanted = JSON.parse(readFileSync('package.json', 'utf8')).engines.node.replace('>=', '');
  const [major, minor] = wanted.split('.').map(Number);
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return;
  fail(
    `This is Node ${process.versions.node}; ccgame needs ${wanted} or newer. Install it from https://nodejs.org and run the command again.`,
  );
}

/** npm writes its own copy of the lock file last, so an interrupted install is seen too. */
function isInstalled() {
  const installed = join('node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

function step(what, command, args) {
  const started = Date.now();
  process.stdout.write(`• ${what} …\n`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) fail(`${command} could not be started (${error.code}); is it on PATH?`);
  if (status !== 0) fail(`${what} failed; what went wrong is above.`);
  process.stdout.write(`✓ ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
