import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NewGame } from './new-game.js';

const root = process.cwd();
const library = join(root, 'libs', 'create-ccgame');

interface Manifest {
  name: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

// Compilers, linters and whole test runs: minutes on a machine that has other work.
jest.setTimeout(600_000);

describe('npm create ccgame', () => {
  /** The package with a template of its own: another test may be packing. */
  const unpacked = mkdtempSync(join(tmpdir(), 'create-ccgame-'));
  const command = join(unpacked, 'bin', 'create-ccgame.mjs');
  let game: NewGame;
  const text = (path: string): string => readFileSync(join(game.path, path), 'utf8');
  const isOfTheGame = (path: string): boolean =>
    !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text(path);
  const manifest = (): Manifest => JSON.parse(text('package.json')) as Manifest;

  beforeAll(() => {
    for (const part of [
      'package.json',
      'bin',
      'dist/main.js',
      'dist/create-game.js',
      'dist/git-repository.js',
      'dist/manifest.js',
    ])
      cpSync(join(library, part), join(unpacked, part), { recursive: true });
    const write = join(library, 'pack', 'write-template.mjs');
    execFileSync(process.execPath, [write, join(unpacked, 'dist', 'template')]);
    game = new NewGame(command);
    symlinkSync(join(root, 'node_modules'), join(game.path, 'node_modules'));
  });
  afterAll(() => {
    game.remove();
    rmSync(unpacked, { recursive: true, force: true });
  });

  it('writes a repository with all that a game has, and nothing of the framework', () => {
    for (const path of [
      '.dockerignore',
      '.github/workflows/ci.yml',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'apps/chat/src/main.ts',
      'apps/connector/src/main.ts',
      'apps/cron/src/main.ts',
      'apps/http/src/main.ts',
      'apps/matching/src/main.ts',
      'docker-compose.yml',
      'game/play/play.ts',
      'game/src/chat/greet.spec.ts',
      'game/src/environment.ts',
      'game/src/modes.ts',
      'k8s/chat/deployment.yaml',
      'k8s/release/kustomization.yaml',
      'nest-cli.json',
    ])
      expect([path, existsSync(join(game.path, path))]).toEqual([path, true]);
    const names = readdirSync(game.path);
    for (const name of ['libs', 'proof', 'bench', 'docs']) expect(names).not.toContain(name);
    expect(names.filter((name) => name.startsWith('_'))).toEqual([]);
    for (const path of ['Dockerfile', '.dockerignore', 'tsconfig.json', 'tsconfig.build.json'])
      expect(text(path)).not.toMatch(/\blibs\b/);
  });

  it('commits it to a git repository of its own, and to none where --no-git says so', () => {
    // A link, of this test.
    expect(game.run('git', ['status', '--porcelain'])).toBe('?? node_modules\n');
    expect(game.run('git', ['log', '--format=%s'])).toBe('Create the game with create-ccgame\n');
    const other = new NewGame(command, '--no-git');
    expect(existsSync(join(other.path, '.git'))).toBe(false);
    expect(existsSync(join(other.path, 'package.json'))).toBe(true);
    other.remove();
  });

  it('names it, and the packages in any compatible version', () => {
    const { name, dependencies, devDependencies } = manifest();
    expect(name).toBe('my-game');
    expect(text('README.md')).toMatch(/^# my-game$/m);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([one]) =>
      one.startsWith('@ccgame/'),
    );
    expect(ours.length).toBeGreaterThan(10);
    for (const [, range] of ours) expect(range).toBe(`^${version}`);
  });

  it('writes what compiles against the packages', () => {
    game.run(process.execPath, [
      'node_modules/typescript-native/bin/tsc',
      '-p',
      'tsconfig.json',
      '--noEmit',
      '--incremental',
      'false',
    ]);
  });

  it('writes what is formatted, and tests that are green with the preset of @ccgame/testing', () => {
    // The others are this repository's own, which its check of the format reads.
    const own = game.run('git', ['ls-files']).trim().split('\n').filter(isOfTheGame);
    expect(own).not.toContain('.prettierrc.json');
    const prettier = 'node_modules/prettier/bin/prettier.cjs';
    game.run(process.execPath, [prettier, '--check', '--ignore-unknown', ...own]);
    const cache = join(root, '.ccgame', 'jest');
    game.run(process.execPath, ['node_modules/jest/bin/jest.js', '--cacheDirectory', cache, 'greet.spec']);
  });

  it('writes manifests that kustomize takes, the new server type’s too', () => {
    const rendered = game.run('kubectl', ['kustomize', 'k8s/release']);
    for (const type of ['http', 'connector', 'matching', 'chat'])
      expect(rendered).toContain(`${type}-prod-v100000`);
    game.run('kubectl', ['kustomize', 'k8s']);
  });

  it.each<[string, string[], RegExp]>([
    ['a folder that is in use', ['.'], /^\. is there already and not empty\.$/m],
    ['a name that no package may have', ['My Game'], /can't be a package's name/],
    ['no folder', [], /npm create ccgame <folder>/],
    [
      'a folder of packages that is not there',
      ['other', '--packages', 'nowhere'],
      /There is no folder .*nowhere/,
    ],
    ['packages that are not there', ['other', '--packages', '.'], /no tarball of @ccgame\/cli/],
  ])('refuses %s in a sentence', (_, args, sentence) => {
    expect(() => game.run(process.execPath, [command, ...args])).toThrow(sentence);
    expect(existsSync(join(game.path, 'other'))).toBe(false);
  });
});
