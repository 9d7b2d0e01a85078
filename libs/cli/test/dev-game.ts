import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  rootDir: '.',
  outDir: 'dist',
  types: ['node'],
  strict: true,
  strictPropertyInitialization: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: false,
  skipLibCheck: true,
  incremental: true,
  customConditions: ['@game/source'],
};

/** A folder with this repository's game and two of its servers, laid out as a created game: ccgame's packages are compiled ones. */
export class DevGame {
  readonly folder = mkdtempSync(join(tmpdir(), 'ccgame-dev-'));

  constructor() {
    for (const path of ['apps/http', 'apps/connector', 'game/src', 'examples/arena/src'])
      cpSync(path, join(this.folder, path), { recursive: true });
    const manifest = readFileSync('package.json', 'utf8').replaceAll('@ccgame/source', '@game/source');
    this.write('package.json', manifest);
    const include = ['apps/*/src'];
    this.write('tsconfig.build.json', JSON.stringify({ compilerOptions, include }));
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.folder, 'node_modules'));
    // Bundled once, and not for each run of the tests.
    const packages = join(process.cwd(), '.ccgame', 'dev-test-packages');
    mkdirSync(packages, { recursive: true });
    mkdirSync(join(this.folder, '.ccgame'));
    symlinkSync(packages, join(this.folder, '.ccgame', 'bundled-packages'));
    mkdirSync(join(this.folder, '.ccgame', 'packages'));
    this.write('.ccgame/packages/packed.tgz', 'of npm run pack');
  }

  change(path: string, from: string, to: string): void {
    const text = readFileSync(join(this.folder, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no ${from}.`);
    this.write(path, text.replace(from, to));
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
