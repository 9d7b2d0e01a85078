import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Packed, packageProblems } from './package-problems.js';

const licence = readFileSync('LICENSE', 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

interface Listed {
  name: string;
  files: Array<{ path: string }>;
}

/** The files that `npm pack` would pack of every library. */
function packAll(): Array<Packed & { folder: string }> {
  const args = ['pack', '--workspaces', '--dry-run', '--json'];
  // npm 11 gives a list, later ones an object.
  const listed = Object.values(JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as Listed[]);
  return listed.map(({ name, files }) => {
    const folder = join('libs', name.replace('@ccgame/', ''));
    const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
    return {
      folder,
      manifest: JSON.parse(text('package.json')) as Packed['manifest'],
      files: new Map(files.map(({ path }) => [path, text(path)])),
      sources: sourcesOf(folder).map((path) => text(join('src', path))),
    };
  });
}

/** The sources that are compiled for the package. */
function sourcesOf(folder: string): string[] {
  return readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /(?<!\.d)\.ts$/.test(path) && !/\.(spec|e2e)\.ts$|(^|\/)test\//.test(path),
  );
}

describe('the packages', () => {
  const packed = packAll();

  it('are all libraries', () => {
    const folders = readdirSync('libs').filter((name) => existsSync(join('libs', name, 'package.json')));
    expect(packed.map(({ folder }) => folder).sort()).toEqual(folders.map((name) => join('libs', name)));
  });

  it.each(packed.map((one) => [one.manifest.name, one] as const))(
    '%s: hold what they need and nothing else',
    (_, one) => {
      expect(packageProblems(one)).toEqual([]);
    },
  );

  it.each(packed.map((one) => [one.manifest.name, one] as const))(
    '%s: have the version, the licence and the compiled sources of this repository',
    (_, { manifest, files, folder }) => {
      expect(manifest.version).toBe(version);
      const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) =>
        name.startsWith('@ccgame/'),
      );
      for (const [, range] of ours) expect(range).toBe(version);
      expect(files.get('LICENSE')).toBe(licence);
      const compiled = [...files.keys()].filter((path) => /^dist\/.*\.js$/.test(path));
      const expected = sourcesOf(folder).map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
      expect(compiled).toEqual(expect.arrayContaining(expected));
    },
  );

  it('name in their READMEs what they export', () => {
    for (const { manifest, files } of packed) {
      const [, names = '', from] =
        /```ts\nimport \{ (.*?) \} from '(.*?)';/.exec(files.get('README.md') ?? '') ?? [];
      if (!from) continue;
      expect(from).toBe(manifest.name);
      for (const name of names.split(', ').map((one) => one.replace('type ', '')))
        expect(files.get('dist/index.d.ts')).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});

describe('the check of a package', () => {
  const good = (): Packed => ({
    manifest: {
      name: '@ccgame/x',
      version: '1.0.0',
      license: 'MIT',
      exports: {
        '.': { '@ccgame/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      },
      dependencies: { zod: '^4' },
      peerDependencies: { '@nestjs/common': '^12' },
    },
    files: new Map([
      ['package.json', '{}'],
      ['LICENSE', 'MIT'],
      ['README.md', '# x\n\nIs x.\n\nMore.\n'],
      [
        'dist/index.js',
        "import { z } from 'zod';\nimport { join } from 'node:path';\nexport * from './y.js';\n",
      ],
      ['dist/index.d.ts', "import type { Type } from '@nestjs/common';\n"],
    ]),
  });

  it('has nothing against a good one', () => {
    expect(packageProblems(good())).toEqual([]);
  });

  it.each<[string, (packed: Packed) => void, string]>([
    ['a test', ({ files }) => files.set('dist/index.spec.js', ''), "dist/index.spec.js isn't needed"],
    ['a source', ({ files }) => files.set('src/index.ts', ''), "src/index.ts isn't needed"],
    ['a source map', ({ files }) => files.set('dist/index.js.map', ''), "dist/index.js.map isn't needed"],
    [
      'a README that is a page',
      ({ files }) => files.set('README.md', '# x\n\n'.repeat(11)),
      'README.md has more than ten lines',
    ],
    ['no licence', ({ files }) => files.delete('LICENSE'), 'LICENSE is missing'],
    [
      'no types',
      ({ files }) => files.delete('dist/index.d.ts'),
      "dist/index.d.ts is an entry and isn't there",
    ],
    [
      'an import of nothing',
      ({ files }) => files.set('dist/a.js', "const x = await import('pino');"),
      "imports pino and doesn't name it",
    ],
    [
      'an import in a type',
      ({ files }) => files.set('dist/a.d.ts', "export type X = import('pino').Logger;"),
      "imports pino and doesn't name it",
    ],
    [
      'a dependency for nothing',
      ({ manifest }) => (manifest.dependencies!.pino = '1'),
      "names pino and doesn't import it",
    ],
    [
      'a second Nest',
      ({ manifest }) => {
        manifest.dependencies = { zod: '^4', '@nestjs/common': '^12' };
        delete manifest.peerDependencies;
      },
      '@nestjs/common is in the wrong list of dependencies',
    ],
  ])('finds %s', (_, spoil, expected) => {
    const packed = good();
    spoil(packed);
    expect(packageProblems(packed)).toContain(expected);
  });
});
