// `npm run docs`: makes the site in dist/site, and fails at a link that leads nowhere. It installs what it needs itself, so that
// `npm ci` of the repository need not.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './repository-links.mjs';

const here = import.meta.dirname;
const installed = join(here, 'node_modules', '.package-lock.json');

if (isOlder(installed, join(here, 'package-lock.json'))) run('npm', ['ci', '--silent'], here);
run(process.execPath, [binary('vitepress', 'bin/vitepress.js'), 'build', here], root);
run(process.execPath, [binary('typedoc', 'bin/typedoc'), '--options', join(here, 'typedoc.json')], root);
run(process.execPath, [join(here, 'check-links.mjs'), 'dist/site'], root);
console.log('The site is in dist/site.');

function binary(name, path) {
  return join(here, 'node_modules', name, path);
}

function isOlder(file, other) {
  return !existsSync(file) || statSync(file).mtimeMs < statSync(other).mtimeMs;
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(1);
}
