import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = process.cwd();
const configuration = ['.dependency-cruiser.cjs', 'tsconfig.json', 'tsconfig.depcruise.json', 'package.json'];

/** A small workspace in which each file that breaks a rule says so in its name. */
const planted: Record<string, string> = {
  'libs/config/src/index.ts': 'export const x = 1;',
  'libs/rpc/src/index.ts': "import { x } from '#config'; export const y = x;",
  'libs/testing/src/index.ts': 'export const x = 1;',
  'libs/contracts/src/index.ts': 'export const x = 1; export type X = number;',
  'apps/http/src/main.ts': "import { y } from '#rpc'; console.log(y);",
  'apps/matching/src/x.ts': 'export const x = 1;',
  'libs/client/src/types-only.ts': "import type { X } from '#contracts'; export const y: X = 1;",

  'apps/http/src/imports-an-app.ts': "import { x } from '../../matching/src/x.js'; console.log(x);",
  'apps/http/src/imports-tests.ts': "import { x } from '#testing'; console.log(x);",
  'apps/http/src/imports-nothing.ts': "import { x } from './nothing.js'; console.log(x);",
  'libs/config/src/imports-rpc.ts': "import { y } from '#rpc'; console.log(y);",
  'libs/rpc/src/imports-contracts.ts': "import { x } from '#contracts'; console.log(x);",
  'libs/client/src/imports-code.ts': "import { x } from '#contracts'; console.log(x);",
  'libs/client/src/imports-rpc.ts': "import type { y } from '#rpc'; export type Y = typeof y;",
  'libs/rpc/src/cycle-a.ts': "import { b } from './cycle-b.js'; export const a = () => b();",
  'libs/rpc/src/cycle-b.ts': "import { a } from './cycle-a.js'; export const b = (): unknown => a();",
};

/** `<file>: <rule>` for each import that the rules forbid. */
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

describe('the dependency rules', () => {
  it('hold in this repository', () => {
    expect(violations(root, ['apps', 'libs', 'cli', 'bench'])).toEqual([]);
  });

  it('catch each forbidden import and a cycle, and let everything else be', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-rules-'));
    try {
      for (const file of configuration) cpSync(join(root, file), join(folder, file));
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      for (const [path, text] of Object.entries(planted)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      expect(violations(folder, ['apps', 'libs']).sort()).toEqual([
        'apps/http/src/imports-an-app.ts: an-app-never-imports-an-app',
        'apps/http/src/imports-nothing.ts: no-unresolvable',
        'apps/http/src/imports-tests.ts: apps-import-libraries',
        'apps/http/src/imports-tests.ts: no-tests-in-production',
        'libs/client/src/imports-code.ts: client-knows-only-the-types-of-contracts',
        'libs/client/src/imports-rpc.ts: client-imports-only-contracts',
        'libs/config/src/imports-rpc.ts: config-imports-nothing',
        'libs/rpc/src/cycle-a.ts: no-cycles',
        'libs/rpc/src/imports-contracts.ts: rpc-imports-config',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
