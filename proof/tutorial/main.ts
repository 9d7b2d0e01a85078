import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findNats, freePort } from '@ccgame/testing';
import { startPackedRegistry } from './packed-registry.js';
import { readSteps } from './page-steps.js';
import { runPage } from './run-page.js';

/**
 * `npm run test:tutorial`: does what docs/tutorial.md says in an empty folder, with the packages of `npm run pack` behind a registry of this
 * machine. `-- <page> …` does what these pages say after that, each in the game as the tutorial left it. Exit code 1 when a
 * command fails or prints something else.
 */
const pages = ['docs/tutorial.md', ...process.argv.slice(2)];
/** Those that the pages name. */
const pagePorts = ['3000', '3081', '4222', '8800'];
const tell = (text: string): void => void process.stdout.write(text);
const folder = mkdtempSync(join(tmpdir(), 'ccgame-tutorial-'));
const registry = await startPackedRegistry(join('.ccgame', 'packages'));
const cache = join(folder, 'npm-cache');
mkdirSync(cache);
// Downloads are used again; but `npm create` keeps a package that it has run, whatever the registry has by now.
const downloads = join(
  execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim(),
  '_cacache',
);
if (existsSync(downloads)) symlinkSync(downloads, join(cache, '_cacache'));
const source = await findNats({ root: process.cwd(), binaryOnly: true });
const natsFolder = source.kind === 'binary' ? dirname(source.path) : '';
const env = {
  ...process.env,
  PATH: [natsFolder, process.env.PATH].join(delimiter),
  npm_config_registry: registry.address,
  npm_config_cache: cache,
  npm_config_yes: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  GIT_AUTHOR_NAME: 'reader',
  GIT_AUTHOR_EMAIL: 'reader@localhost',
  GIT_COMMITTER_NAME: 'reader',
  GIT_COMMITTER_EMAIL: 'reader@localhost',
};
const began = Date.now();
try {
  for (const page of pages) {
    const steps = readSteps(page, readFileSync(page, 'utf8'));
    const place = page === pages[0] ? folder : join(folder, 'my-game');
    const ports = new Map<string, number>();
    for (const port of pagePorts) ports.set(port, await freePort());
    await runPage(steps, { folder: place, env, ports, tell });
    tell(`\n✓ ${page}: ${steps.length} steps, ${Math.round((Date.now() - began) / 1000)} s so far\n`);
  }
} catch (error) {
  tell(`\n✗ ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
}
