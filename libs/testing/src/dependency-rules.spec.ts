import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = process.cwd();
const configuration = ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'];
const libraries = [
  'config',
  'rpc',
  'protocol',
  'sessions',
  'client',
  'testing',
  'edge',
  'matchmaker',
  'ours',
];

/** A small workspace in which each file that breaks a rule says so in its name. */
const planted: Record<string, string> = {
  ...Object.fromEntries(
    libraries.map((name) => [`libs/${name}/src/index.ts`, 'export const x = 1; export type X = number;']),
  ),
  'libs/rpc/src/uses-config.ts': "import { x } from '@ccgame/config'; export const y = x;",
  'libs/ours/src/uses-libraries.ts': "import { x } from '@ccgame/sessions'; export const y = x;",
  'game/src/contracts.ts': "import { x } from '@ccgame/ours'; export const y = x;",
  'apps/http/src/main.ts':
    "import { x } from '@ccgame/rpc'; import { y } from '../../../game/src/contracts.js'; console.log(x, y);",
  'apps/matching/src/x.ts': 'export const x = 1;',
  'libs/client/src/types-only.ts': "import type { X } from '@ccgame/protocol'; export const y: X = 1;",

  'apps/http/src/imports-an-app.ts': "import { x } from '../../matching/src/x.js'; console.log(x);",
  'apps/http/src/imports-tests.ts': "import { x } from '@ccgame/testing'; console.log(x);",
  'apps/http/src/imports-nothing.ts': "import { x } from './nothing.js'; console.log(x);",
  'game/src/imports-an-app.ts': "import { x } from '../../apps/matching/src/x.js'; console.log(x);",
  'examples/arena/src/imports-a-game.ts':
    "import { y } from '../../../game/src/contracts.js'; console.log(y);",
  'examples/arena/src/imports-libraries.ts': "import { x } from '@ccgame/rpc'; export const y = x;",
  'libs/config/src/imports-rpc.ts': "import { x } from '@ccgame/rpc'; console.log(x);",
  'libs/edge/src/imports-a-game.ts': "import { y } from '../../../game/src/contracts.js'; console.log(y);",
  'libs/edge/src/imports-a-feature.ts': "import { x } from '@ccgame/matchmaker'; console.log(x);",
  'libs/edge/src/imports-by-path.ts': "import { y } from '../../rpc/src/uses-config.js'; console.log(y);",
  'libs/client/src/imports-code.ts': "import { x } from '@ccgame/protocol'; console.log(x);",
  'libs/client/src/imports-rpc.ts': "import type { X } from '@ccgame/rpc'; export type Y = X;",
  'libs/rpc/src/cycle-a.ts': "import { b } from './cycle-b.js'; export const a = () => b();",
  'libs/rpc/src/cycle-b.ts': "import { a } from './cycle-a.js'; export const b = (): unknown => a();",
  'libs/rpc/src/type-cycle-a.ts': "import type { B } from './type-cycle-b.js'; export type A = B;",
  'libs/rpc/src/type-cycle-b.ts': "import type { A } from './type-cycle-a.js'; export type B = A | 1;",
};

/** `<file>: <rule>` for each import that the rules forbid. `npm run deps`, a part of `npm run check`, tries them on this repository. */
function violations(folder: string, paths: string[]): string[] {
  const binary = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [binary, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths];
  let json: string;
  try {
    json = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: 'pipe',
    });
  } catch (error) {
    // It exits with the number of violations and prints them all the same.
    json = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(json) as {
    summary: { violations: Array<{ from: string; rule: { name: string } }> };
  };
  return summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
}

/** The repository's packages, and the planted libraries in place of its own. */
function linkPackages(folder: string): void {
  mkdirSync(join(folder, 'node_modules', '@ccgame'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@ccgame') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of libraries) {
    const exports = { '.': { '@ccgame/source': './src/index.ts' } };
    writeFileSync(
      join(folder, 'libs', name, 'package.json'),
      JSON.stringify({ name: `@ccgame/${name}`, type: 'module', exports }),
    );
    symlinkSync(join(folder, 'libs', name), join(folder, 'node_modules', '@ccgame', name));
  }
}

describe('the dependency rules', () => {
  it('catch each forbidden import and a cycle, and let everything else be', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-rules-'));
    try {
      for (const file of configuration) cpSync(join(root, file), join(folder, file));
      for (const [path, text] of Object.entries(planted)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      linkPackages(folder);
      expect(violations(folder, ['apps', 'examples', 'game', 'libs']).sort()).toEqual([
        'apps/http/src/imports-an-app.ts: an-app-never-imports-an-app',
        'apps/http/src/imports-nothing.ts: no-unresolvable',
        'apps/http/src/imports-tests.ts: no-tests-in-production',
        'examples/arena/src/imports-a-game.ts: an-example-imports-no-game',
        'game/src/imports-an-app.ts: a-game-imports-libraries',
        'libs/client/src/imports-code.ts: client-knows-only-types',
        'libs/client/src/imports-rpc.ts: client-imports-what-is-below-it',
        'libs/config/src/imports-rpc.ts: config-imports-what-is-below-it',
        'libs/edge/src/imports-a-feature.ts: edge-imports-what-is-below-it',
        'libs/edge/src/imports-a-game.ts: edge-imports-what-is-below-it',
        'libs/edge/src/imports-a-game.ts: no-library-imports-an-app-or-a-game',
        'libs/edge/src/imports-by-path.ts: a-library-is-imported-by-its-name',
        'libs/rpc/src/cycle-a.ts: no-cycles',
        'libs/rpc/src/type-cycle-a.ts: no-cycles',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
