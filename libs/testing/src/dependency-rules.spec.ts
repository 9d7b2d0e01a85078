import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = process.cwd();

/** The names of the rules that a tree with these files would break, on top of the rules' own configuration. */
function brokenRules(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-rules-'));
  try {
    for (const file of [
      '.dependency-cruiser.cjs',
      'tsconfig.json',
      'tsconfig.depcruise.json',
      'package.json',
    ]) {
      cpSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return cruise(folder, Object.keys(files));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cruise(folder: string, paths: string[]): string[] {
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
  const { summary } = JSON.parse(json) as { summary: { violations: Array<{ rule: { name: string } }> } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))];
}

describe('the dependency rules', () => {
  it('hold in this repository', () => {
    expect(cruise(root, ['apps', 'libs', 'cli', 'bench'])).toEqual([]);
  });

  it('let an app import a library', () => {
    const files = {
      'apps/http/src/main.ts': "import { x } from '#rpc'; console.log(x);",
      'libs/rpc/src/index.ts': 'export const x = 1;',
    };
    expect(brokenRules(files)).toEqual([]);
  });

  it('catch an app that imports an app', () => {
    const files = {
      'apps/http/src/main.ts': "import { x } from '../../matching/src/x.js'; console.log(x);",
      'apps/matching/src/x.ts': 'export const x = 1;',
    };
    expect(brokenRules(files)).toContain('an-app-never-imports-an-app');
  });

  it('catch a library that imports against the direction', () => {
    const files = {
      'libs/rpc/src/index.ts': "import { x } from '#sessions'; console.log(x);",
      'libs/sessions/src/index.ts': 'export const x = 1;',
    };
    expect(brokenRules(files)).toContain('rpc-imports-config');
  });

  it('catch a cycle', () => {
    const files = {
      'libs/rpc/src/a.ts': "import { b } from './b.js'; export const a = () => b();",
      'libs/rpc/src/b.ts': "import { a } from './a.js'; export const b = (): unknown => a();",
    };
    expect(brokenRules(files)).toContain('no-cycles');
  });

  it('catch the SDK when it pulls server code in, and let it use types', () => {
    const contracts = { 'libs/contracts/src/index.ts': 'export const x = 1; export type X = number;' };
    const value = { 'libs/client/src/a.ts': "import { x } from '#contracts'; console.log(x);", ...contracts };
    const type = {
      'libs/client/src/a.ts': "import type { X } from '#contracts'; export const y: X = 1;",
      ...contracts,
    };
    expect(brokenRules(value)).toContain('client-knows-only-the-types-of-contracts');
    expect(brokenRules(type)).toEqual([]);
  });

  it('catch production code that imports what tests use', () => {
    const files = {
      'apps/http/src/main.ts': "import { x } from '#testing'; console.log(x);",
      'libs/testing/src/index.ts': 'export const x = 1;',
    };
    expect(brokenRules(files)).toContain('no-tests-in-production');
  });
});
