// Writes dist/template: the game that `npm create ccgame` copies, made of this repository's own apps, game and manifests, with a
// server type and a handler that `ccgame new` adds. Run after the build, with another folder to write to if wanted.
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addHandler, addServer, GameChanges } from '@ccgame/cli';
import { writeGameFiles } from './game-files.mjs';
import { gameManifest } from './game-manifest.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const [template = join(import.meta.dirname, '..', 'dist', 'template')] = process.argv.slice(2);

rmSync(template, { recursive: true, force: true });
writeGameFiles(root, template);
writeFileSync(join(template, 'package.json'), `${JSON.stringify(gameManifest(root, template), null, 2)}\n`);
for (const add of [(changes) => addServer(changes, 'chat'), (changes) => addHandler(changes, 'chat.greet')]) {
  const changes = new GameChanges(template);
  add(changes);
  changes.writeFiles();
}
// The template is a build's output, which Prettier would leave alone.
const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
const options = ['--write', '--ignore-unknown', '--ignore-path', '/dev/null', '--log-level', 'error'];
execFileSync(process.execPath, [prettier, ...options, template]);
for (const name of readdirSync(template))
  if (name.startsWith('.')) renameSync(join(template, name), join(template, name.replace('.', '_')));
