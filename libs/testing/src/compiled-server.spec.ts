import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { buildSync } from 'esbuild';

const runner = join(process.cwd(), 'libs', 'testing', 'compiled-server.cjs');

describe('a server that runs by compiled code', () => {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-compiled-'));
  const kept = join(root, 'kept');
  const entry = join(root, 'dist', 'main.js');
  afterAll(() => rmSync(root, { recursive: true }));

  /** Bundles a server as `ccgame build` does. */
  function build(word: string): void {
    const sources = {
      'main.ts': `import { runServer } from './server.js';
        await runServer(async () => {
          const later = await import('./later.js');
          later.tell(later.default);
        });`,
      'server.ts': `export const runServer = async (start: () => Promise<void>) => { await start(); };`,
      'later.ts': `import { runServer } from './server.js';
        export default import.meta.url;
        export function tell(url: string) {
          console.log('${word}', url, process.argv.slice(1), typeof runServer, typeof require('node:fs').statSync);
          if (process.argv[2] === 'a word') throw new Error('the end');
          if (process.argv[3]) require('node:fs').rmSync(process.argv[3], { recursive: true });
        }`,
    };
    mkdirSync(join(root, 'src'), { recursive: true });
    for (const [name, code] of Object.entries(sources)) writeFileSync(join(root, 'src', name), code);
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    buildSync({
      entryPoints: [join(root, 'src', 'main.ts')],
      outdir: join(root, 'dist'),
      chunkNames: 'shared/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      sourcemap: true,
      minifyWhitespace: true,
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
      },
    });
  }

  /** How it ends, and all that it prints but the lines of Node's own code and of the `await` in `main.ts`. */
  function run(
    before: string[] = [],
    words = ['a word'],
  ): { status: number | null; stdout: string; at: string[] } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--enable-source-maps', ...before, entry, ...words],
      { encoding: 'utf8' },
    );
    return {
      status,
      stdout,
      at: stderr.match(/Error: the end|(?<=at [^\n]*)(later|server)\.ts:\d+/g) ?? [stderr],
    };
  }

  it('prints and ends as without, and its errors lead to the lines of TypeScript', () => {
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    build('first');
    const plain = run();
    expect(plain).toMatchObject({ status: 1, stdout: expect.stringContaining('first') });
    expect(plain.at).toEqual(expect.arrayContaining(['Error: the end', 'later.ts:5']));
    for (let turn = 0; turn < 2; turn += 1) expect(run([runner, kept])).toEqual(plain);
  });

  const filesOf = (ending: string): string[] => {
    const [folder] = readdirSync(kept).map((name) => join(kept, name));
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name));
  };

  it('leaves nothing to others where it ended with an error', () => {
    expect(filesOf('.cache')).toEqual([]);
  });

  it('is given what V8 compiled before, and gives its own where V8 takes that no more', () => {
    for (const turn of ['first', 'second']) {
      expect(run([runner, kept], [turn]).status).toBe(0);
      const files = filesOf('.cjs');
      expect(files.length).toBeGreaterThanOrEqual(3);
      for (const file of files) {
        const cache = file.replace(/cjs$/, 'cache');
        const cachedData = readFileSync(cache);
        expect(new Script(readFileSync(file, 'utf8'), { cachedData }).cachedDataRejected).toBe(false);
        writeFileSync(cache, 'of another V8');
      }
    }
  });

  it('ends as it would have where a newer build has taken its folder away', () => {
    expect(run([runner, kept], ['last', kept])).toMatchObject({ status: 0, at: [''] });
    run([runner, kept]);
  });

  it('is the new one after a build, and nothing of the old one stays', () => {
    build('other');
    expect(run([runner, kept])).toEqual(run());
    expect(readdirSync(kept)).toHaveLength(1);
  });
});
