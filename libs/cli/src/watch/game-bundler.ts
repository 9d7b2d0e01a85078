import { join, relative } from 'node:path';
import { type BuildContext, type BuildOptions, type BuildResult, context, type Metafile } from 'esbuild';
import { readObject } from '../game-files.js';
import { compileDecorators } from './compile-decorators.js';
import { SharedPackages } from './shared-packages.js';

/** The part of bundle-options.mjs that is used here. */
interface BundleModule {
  bundleOptions: (from: 'dist' | '') => BundleOptions;
  nameClassesAlone: (code: string) => string | undefined;
}

interface BundleOptions extends BuildOptions {
  entryPoints: Array<{ in: string; out: string }>;
}

/** The game's servers, bundled of its sources. */
export interface GameBundle {
  /** By path in the build's folder. */
  files: Map<string, Uint8Array | string>;
  /** Each server type's first file: it differs when anything that this type runs differs. */
  entries: Map<string, string>;
  /** The addresses of the installed packages that each type loads at its start, in that order. */
  packages: Map<string, string[]>;
  /** Folders of the game's sources, from its own on. */
  sourceFolders: string[];
}

/** As deep as the folder where a bundle is written, since source maps lead to the sources by relative paths. */
const place = join('.ccgame', 'versions', 'dev');

/** Bundles the servers of the game's folder of their sources, again and again; types are not checked. */
export class GameBundler {
  private building?: BuildContext<BuildOptions & { metafile: true; write: false }>;
  private entryPoints = '';
  private readonly decorators = compileDecorators();

  private constructor(
    private readonly root: string,
    private readonly packages: SharedPackages,
    private readonly options: BundleModule,
  ) {}

  static async open(root: string): Promise<GameBundler> {
    const file = new URL('../../bin/bundle-options.mjs', import.meta.url).href;
    return new GameBundler(root, SharedPackages.open(root), (await import(file)) as BundleModule);
  }

  /** @throws BuildFailure of esbuild */
  async bundle(): Promise<GameBundle> {
    const first = await this.bundleOnce();
    if (!this.packages.isIncomplete) return first;
    await this.packages.bundleImported();
    return this.bundleOnce();
  }

  async close(): Promise<void> {
    await this.building?.dispose();
  }

  private async bundleOnce(): Promise<GameBundle> {
    const building = await this.openContext();
    return this.read(await building.rebuild());
  }

  /** Another one when apps were added or removed. */
  private async openContext(): Promise<BuildContext<BuildOptions & { metafile: true; write: false }>> {
    const { plugins = [], ...options } = this.options.bundleOptions('');
    const entryPoints = options.entryPoints.filter(({ out }) => out.startsWith('servers/'));
    if (this.building && this.entryPoints === JSON.stringify(entryPoints)) return this.building;
    await this.building?.dispose();
    this.entryPoints = JSON.stringify(entryPoints);
    this.building = await context({
      ...options,
      entryPoints,
      absWorkingDir: this.root,
      outdir: join(place, 'dist'),
      conditions: sourceConditions(this.root),
      plugins: [this.packages.plugin(), ...plugins, this.decorators],
      // As in swc's files, whatever the game's tsconfig.json says: a field without a value sets nothing.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, experimentalDecorators: true } },
      metafile: true,
      write: false,
      logLevel: 'silent',
    });
    return this.building;
  }

  private read({ outputFiles, metafile }: BuildResult<{ metafile: true; write: false }>): GameBundle {
    const files = new Map<string, Uint8Array | string>();
    const entries = new Map<string, string>();
    const packages = new Map<string, string[]>();
    for (const { path: fullPath, contents, text } of outputFiles) {
      const path = relative(join(this.root, place), fullPath);
      const quicker = path.endsWith('.js') ? this.options.nameClassesAlone(text) : undefined;
      files.set(path, quicker ?? contents);
      const type = /^dist[\\/]servers[\\/]([^\\/]+)\.js$/.exec(path)?.[1];
      if (!type) continue;
      entries.set(type, text);
      packages.set(type, packagesOf(relative(this.root, fullPath), metafile.outputs));
    }
    const inputs = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules'));
    const folders = inputs.map((path) => path.split('/')[0] ?? '').filter((name) => !name.includes(':'));
    return { files, entries, packages, sourceFolders: [...new Set(folders)].filter((name) => name !== '..') };
  }
}

/** Addresses that an entry imports, by itself and through other files. An import at run time (`import()`) counts in the entry file alone, as the server starts with it. */
function packagesOf(entry: string, outputs: Metafile['outputs']): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const followImports = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import' && (external || file !== entry)) continue;
      if (!external) followImports(path);
      else if (path.startsWith('file:')) found.add(path);
    }
  };
  followImports(entry);
  return [...found];
}

/** The names by which package.json tells its sources from what is compiled of them: `@game/source`. */
function sourceConditions(root: string): string[] {
  const { imports } = readObject<{ imports: Record<string, object> }>(join(root, 'package.json'));
  const names = Object.values(imports ?? {}).flatMap((targets) => Object.keys(targets));
  return [...new Set(names)].filter((name) => name.endsWith('/source'));
}
