// Runs before anything is installed: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The game's folder: the nearest one upwards that has a package.json and apps/. */
const root = findRoot(process.cwd());

function findRoot(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) && existsSync(join(at, 'apps'))) return at;
    if (at === dirname(at)) return folder;
  }
}

/** Goes to the game's folder; refuses one without a game, or with a package.json that is none. */
export function enterGame() {
  if (!existsSync(join(root, 'package.json')))
    fail(
      `There is no game in ${root}: run the command in the game's folder, or make a game by "npm create ccgame".`,
    );
  process.chdir(root);
  readManifest();
}

/** Refuses a Node that is too old, installs what is missing, and compiles what has changed. */
export function prepare() {
  install();
  compile();
}

/** Refuses a Node that is too old, and installs what is missing. */
export function install() {
  enterGame();
  checkNode();
  if (!isInstalled()) {
    const how = existsSync('package-lock.json') ? 'ci' : 'install';
    step('installing the dependencies (once)', 'npm', [how, '--no-fund', '--no-audit', '--loglevel=error']);
  }
}

/** Compiles the libraries, the apps and the game, and bundles the servers and the game's pages. */
export function compile() {
  const project = existsSync('tsconfig.tools.json') ? 'tsconfig.tools.json' : 'tsconfig.build.json';
  step('compiling', process.execPath, [compiler(), '-b', project]);
  step('bundling the servers', process.execPath, [
    fileURLToPath(new URL('bundle-servers.mjs', import.meta.url)),
  ]);
  if (existsSync(join('game', 'play', 'build.mjs')))
    step('bundling the pages', process.execPath, [join('game', 'play', 'build.mjs')]);
}

/** TypeScript 7 under a name of its own: Nest's packages want an older one by the plain name, where there is one. */
function compiler() {
  const { resolve } = createRequire(join(process.cwd(), 'package.json'));
  try {
    return join(dirname(resolve('typescript-native/package.json')), 'bin', 'tsc');
  } catch {
    return fail(
      'The packages of this game are not installed: run "npm ci" first, or "npm start", which does that.',
    );
  }
}

/** A merge may have left it in pieces, and all that follows would blame something else. */
function readManifest() {
  try {
    return Object(JSON.parse(readFileSync('package.json', 'utf8')));
  } catch (error) {
    return fail(`${join(root, 'package.json')} can't be read: ${error.message}.`);
  }
}

function checkNode() {
  const wanted = /\d+\.\d+/.exec(readManifest().engines?.node)?.[0];
  if (wanted === undefined) return;
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
  if (!existsSync(installed)) return false;
  return (
    !existsSync('package-lock.json') || statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs
  );
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
