// `npm run pack`: builds every library and packs it for npm into .ccgame/packages.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeStaleOutput } from './stale-output.mjs';

const folder = join('.ccgame', 'packages');

process.chdir(join(import.meta.dirname, '..', '..', '..'));
runStep(process.execPath, [join('libs', 'cli', 'bin', 'ccgame.mjs'), 'build']);
runStep(process.execPath, [join(import.meta.dirname, 'write-template.mjs')]);
for (const library of readdirSync('libs')) removeStaleOutput(join('libs', library));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
runStep('npm', ['pack', '--workspaces', '--silent', '--pack-destination', folder]);

function runStep(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
