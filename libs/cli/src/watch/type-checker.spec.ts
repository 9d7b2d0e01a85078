import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilHolds } from '@ccgame/testing';
import { TypeChecker } from './type-checker.js';

describe('TypeChecker', () => {
  let root: string;
  let checker: TypeChecker;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ccgame-types-'));
    writeFileSync(join(root, 'package.json'), '{}');
    const compilerOptions = { composite: true, outDir: 'dist', types: [], lib: ['ES2023'] };
    writeFileSync(
      join(root, 'tsconfig.build.json'),
      JSON.stringify({ compilerOptions, files: ['source.ts'] }),
    );
    symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
    checker = new TypeChecker(root);
  });
  afterEach(async () => {
    await checker.stop();
    rmSync(root, { recursive: true });
  });

  /** Files of the processes that run in the game's folder. */
  const programs = (): string[] =>
    readdirSync('/proc').flatMap((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === root ? [readlinkSync(`/proc/${pid}/exe`)] : [];
      } catch {
        return [];
      }
    });

  it('counts the errors, and finds none where there are none', async () => {
    writeFileSync(join(root, 'source.ts'), 'export const a: string = 1;\nexport const b: number = "";\n');
    const found = await checker.check();
    expect(found).toMatchObject({ count: 2, errors: expect.stringContaining('source.ts') });
    writeFileSync(join(root, 'source.ts'), 'export const a = 1;\n');
    expect(await checker.check()).toEqual({ count: 0, errors: '' });
  });

  it('leaves no compiler behind when it is stopped', async () => {
    // Nobody writes into the pipe, so the compiler waits for its source.
    execFileSync('mkfifo', [join(root, 'source.ts')]);
    const checked = checker.check();
    await untilHolds(() => programs().some((path) => path.endsWith('/tsc')), { seen: programs });
    await checker.stop();
    expect(programs()).toEqual([]);
    expect(await checked).toBeUndefined();
  });
});
