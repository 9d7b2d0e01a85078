import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { findNats, freePort } from '@ccgame/testing';
import { GameCopy } from '../../cli/test/game-copy.js';
import { NewGame } from './new-game.js';

/** Made by `npm run pack`, which `npm run test:create` has run. */
const packages = join(process.cwd(), '.ccgame', 'packages');

// Compilers, linters and whole test runs: minutes on a machine that has other work.
jest.setTimeout(600_000);

describe('a game that is created from the packed packages', () => {
  const unpacked = mkdtempSync(join(tmpdir(), 'create-ccgame-'));
  let game: NewGame;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const binary = source.kind === 'binary' ? source.path : '';
    env = { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` };
    const { version } = JSON.parse(execFileSync('npm', ['pkg', 'get', '--json'], { encoding: 'utf8' })) as {
      version: string;
    };
    execFileSync('tar', ['xzf', join(packages, `create-ccgame-${version}.tgz`), '-C', unpacked]);
    const command = join(unpacked, 'package', 'bin', 'create-ccgame.mjs');
    game = new NewGame(command, '--packages', packages);
    game.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { env });
  });
  afterAll(() => {
    game.remove();
    rmSync(unpacked, { recursive: true, force: true });
  });

  it('plays a game by npm start -- --once', async () => {
    const printed = game.run('npm', ['start', '--', '--once', '--port', String(await freePort())], { env });
    expect(printed).toMatch(/starting arena, chat, connector, http, matching[^]*Everything works/);
  });

  it('passes npm test', () => {
    expect(game.run('npm', ['test'], { env })).toMatch(/\b[1-9]\d* passed, 0 failed$/m);
  });

  it('grows by ccgame new, and passes its tests again', () => {
    for (const args of [
      ['server', 'lobby'],
      ['handler', 'lobby.enter'],
      ['handler', 'chat.shout'],
      ['job', 'sendMail'],
    ])
      game.run('npx', ['ccgame', 'new', ...args], { env });
    game.run('npm', ['run', 'types'], { env });
    game.run('npm', ['run', 'format'], { env });
    expect(game.run('npm', ['test'], { env })).toMatch(/^([6-9]|\d\d+) passed, 0 failed$/m);
  });

  it('has one copy of each package that must be there once', () => {
    const list = game.run('npm', [
      'ls',
      '--all',
      '--parseable',
      '@nestjs/common',
      '@nats-io/nats-core',
      '@ccgame/rpc',
    ]);
    const copies = new Set(list.trim().split('\n'));
    expect([...copies].map((path) => path.split('node_modules/').at(-1)).sort()).toEqual([
      '@ccgame/rpc',
      '@nats-io/nats-core',
      '@nestjs/common',
    ]);
  });
});

describe('what ccgame new writes', () => {
  it('is what the linter of this repository takes', () => {
    const copy = new GameCopy(process.cwd());
    try {
      const written = [
        ['server', 'chat'],
        ['handler', 'chat.greet'],
        ['job', 'sendMail'],
      ].flatMap((args) =>
        [
          ...copy
            .run(process.execPath, 'libs/cli/bin/ccgame.mjs', 'new', ...args)
            .matchAll(/^ {2}(\S+\.ts)$/gm),
        ].map(([, path]) => path),
      );
      copy.runModule('eslint/bin/eslint.js', ...new Set(written));
    } finally {
      copy.remove();
    }
  });
});
