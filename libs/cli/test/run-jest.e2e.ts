import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Jest itself, on small test files in a folder of their own. */
describe('npm test', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-jest-'));
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    writeFileSync(join(folder, 'jest.config.json'), '{ "transform": {} }');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(
    files: Record<string, string>,
    slowFromMs = 'Infinity',
  ): { status: number | null; lines: string[] } {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const module = JSON.stringify(join(process.cwd(), 'libs', 'cli', 'bin', 'run-jest.mjs'));
    const code = `const { runJest } = await import(${module}); runJest([], { slowFromMs: ${slowFromMs} });`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  const good = "test('good', () => {});";

  it('passes when all do', () => {
    expect(run({ 'a.test.js': `${good} ${good}` })).toEqual({ status: 0, lines: ['2 passed, 0 failed'] });
  });

  it('fails when one does, and counts a file that can’t be loaded', () => {
    const bad = "test('bad', () => { throw new Error('bad'); });";
    const files = { 'a.test.js': `${good} ${bad}`, 'b.test.js': "require('./nothing');" };
    expect(run(files)).toEqual({ status: 1, lines: ['1 passed, 2 failed'] });
  });

  it('says before that which files took the most time', () => {
    const wait = "test('good', () => new Promise((resolve) => setTimeout(resolve, 1_000)));";
    const { lines } = run({ 'a.test.js': wait }, '1_000');
    expect(lines).toEqual([expect.stringMatching(/^ *\d+\.\d s {2}a\.test\.js$/), '1 passed, 0 failed']);
  });

  it('fails without any test', () => {
    expect(run({})).toEqual({ status: 1, lines: ['0 passed, 0 failed'] });
  });

  it('says before that how many were left out', () => {
    const files = { 'a.test.js': `${good} test.skip('later', () => {});` };
    expect(run(files)).toEqual({ status: 0, lines: ['1 skipped', '1 passed, 0 failed'] });
  });
});
