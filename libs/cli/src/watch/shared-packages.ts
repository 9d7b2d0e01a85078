import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { OnResolveArgs, Plugin, PluginBuild } from 'esbuild';
import { runCommand } from '../dev/run-command.js';

/** Written last: a folder without it was left half done. */
const note = 'packages.json';

/**
 * The installed packages that a game imports, bundled once for all changes of the game, in a folder under `.ccgame/bundled-packages`. They
 * are bundled again when others are installed, or when the game imports one more.
 */
export class SharedPackages {
  /** Files in node_modules that the game imports. */
  private readonly imported = new Set<string>();
  private bundled = new Set<string>();
  /** By name, kind of import and folder; they stay where they are while nothing is installed. */
  private readonly found = new Map<string, string | undefined>();
  private folder = 'none';

  private constructor(
    private readonly root: string,
    private readonly parent: string,
    private readonly installed: string,
  ) {}

  /** Finds what was bundled before, and removes what is of no use any more. */
  static open(root: string): SharedPackages {
    const lock = readFileSync(join(root, 'node_modules', '.package-lock.json'));
    const packages = new SharedPackages(root, join(root, '.ccgame', 'bundled-packages'), hashOf(lock));
    packages.findBundled();
    return packages;
  }

  /** Some of what the game imports isn't bundled yet. */
  get isIncomplete(): boolean {
    return [...this.imported].some((file) => !this.bundled.has(file));
  }

  /** Leaves packages out of the game's bundle, which imports them by their address. */
  plugin(): Plugin {
    return {
      name: 'shared-packages',
      setup: (building) => {
        building.onResolve({ filter: /^[^./#]/ }, async ({ pluginData, ...asked }) => {
          // Any plugin's own question, or two of them would ask each other for ever.
          if (pluginData !== undefined || asked.kind === 'entry-point') return undefined;
          const question = `${asked.path} ${asked.kind} ${asked.resolveDir}`;
          if (!this.found.has(question)) this.found.set(question, await findFile(asked, building));
          const file = this.found.get(question);
          if (file === undefined) return undefined;
          this.imported.add(file);
          return { path: this.addressOf(file), external: true };
        });
      },
    };
  }

  /** Bundles all that is imported so far. @throws Error with what the bundler printed */
  async bundleImported(): Promise<void> {
    const files = [...this.imported].sort();
    const folder = join(this.parent, `${this.installed}-${hashOf(files.join('\n'))}`);
    if (!existsSync(join(folder, note))) {
      const unfinished = `${folder}.${process.pid}`;
      mkdirSync(unfinished, { recursive: true });
      const list = join(unfinished, 'list.json');
      writeFileSync(list, JSON.stringify(Object.fromEntries(files.map((file) => [this.nameOf(file), file]))));
      const script = fileURLToPath(new URL('../../bin/bundle-packages.mjs', import.meta.url));
      await runCommand(process.execPath, [script, unfinished, list], { cwd: this.root });
      writeFileSync(join(unfinished, note), JSON.stringify(files));
      renameSync(unfinished, folder);
    }
    this.folder = folder;
    this.bundled = new Set(files);
  }

  private findBundled(): void {
    const all = existsSync(this.parent) ? readdirSync(this.parent) : [];
    const fitting = all.filter(
      (name) => name.startsWith(this.installed) && existsSync(join(this.parent, name, note)),
    );
    const listed = fitting.map((name) => ({
      folder: join(this.parent, name),
      files: filesIn(join(this.parent, name, note)),
    }));
    const most = listed.sort((a, b) => b.files.length - a.files.length)[0];
    for (const name of all)
      if (join(this.parent, name) !== most?.folder)
        rmSync(join(this.parent, name), { recursive: true, force: true });
    if (!most) return;
    this.folder = most.folder;
    this.bundled = new Set(most.files);
    for (const file of most.files) this.imported.add(file);
  }

  private addressOf(file: string): string {
    return pathToFileURL(join(this.folder, `${this.nameOf(file)}.js`)).href;
  }

  /** `@nestjs+common+index` */
  private nameOf(file: string): string {
    const path = relative(this.root, file).replace(/^(.*[\\/])?node_modules[\\/]/, '');
    return `${path.replaceAll(/[\\/]/g, '+').replace(/\.[cm]?js$/, '')}-${hashOf(file).slice(0, 6)}`;
  }
}

/** Undefined for what isn't installed, is the game's own, or stays outside of every bundle. */
async function findFile(
  { path, kind, importer, resolveDir }: Omit<OnResolveArgs, 'pluginData'>,
  building: PluginBuild,
): Promise<string | undefined> {
  const found = await building.resolve(path, { kind, importer, resolveDir, pluginData: 'asked' });
  const isPackages = found.path.includes(`${sep}node_modules${sep}`);
  return found.errors.length === 0 && !found.external && isPackages ? found.path : undefined;
}

/** None of a list that the power went from while it was written: they are bundled again. */
function filesIn(list: string): string[] {
  try {
    return JSON.parse(readFileSync(list, 'utf8')) as string[];
  } catch {
    return [];
  }
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
