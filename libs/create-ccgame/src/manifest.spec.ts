import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useTarballs } from './manifest.js';

it('a game of packed packages names those that only others need, in the order in which npm writes them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-packages-'));
  for (const name of ['cli', 'ownership', 'rpc', 'testing'])
    writeFileSync(join(folder, `ccgame-${name}-0.2.0.tgz`), '');
  const devDependencies = { '@ccgame/cli': '0.2.0', '@ccgame/testing': '0.2.0', jest: '^30.5.2' };
  const manifest = { name: 'my-game', dependencies: { '@ccgame/rpc': '0.2.0' }, devDependencies };
  const changed = useTarballs(manifest, folder, folder);
  rmSync(folder, { recursive: true });
  expect(Object.entries(changed.devDependencies)).toEqual([
    ['@ccgame/cli', 'file:ccgame-cli-0.2.0.tgz'],
    ['@ccgame/ownership', 'file:ccgame-ownership-0.2.0.tgz'],
    ['@ccgame/testing', 'file:ccgame-testing-0.2.0.tgz'],
    ['jest', '^30.5.2'],
  ]);
});
