import { type BuildFailure, formatMessages } from 'esbuild';
import type { Fleet } from '../dev/fleet.js';
import type { Steps } from '../dev/steps.js';
import { pruneBuilds } from '../versions/prune-builds.js';
import type { VersionBuild } from '../versions/version-build.js';
import { type GameBundle, GameBundler } from './game-bundler.js';
import { keepBundle } from './keep-bundle.js';
import { TypeChecker } from './type-checker.js';
import { watchSources } from './watch-sources.js';

const shownLines = 40;

interface Watched {
  fleet: Fleet;
  /** Those that run the code of the game's folder. */
  versions: string[];
}

/**
 * `npm run dev`: at each change of a source the servers whose code differs are replaced, each by one that is ready; types are
 * checked after that. Where the change can't be bundled, or a server doesn't start with it, those before serve on.
 */
export class DevLoop {
  /** The first file of each type's bundle that runs now. */
  private serving = new Map<string, string>();
  private latest?: { bundle: GameBundle; build: VersionBuild };
  private readonly types: TypeChecker;
  private work: Promise<void> = Promise.resolve();
  private waiting = new Set<string>();
  private isClosed = false;

  private constructor(
    private readonly root: string,
    private readonly bundler: GameBundler,
    private readonly steps: Steps,
  ) {
    this.types = new TypeChecker(root);
  }

  static async open(root: string, steps: Steps): Promise<DevLoop> {
    return new DevLoop(root, await GameBundler.open(root), steps);
  }

  /** The code as it was when it could be bundled last. @throws Error with what is wrong, at first */
  async currentBuild(): Promise<VersionBuild> {
    if (!this.latest) {
      const bundle = await this.bundler.bundle().catch(async (error: BuildFailure) => {
        throw new Error(await explain(error), { cause: error });
      });
      this.latest = { bundle, build: await keepBundle(this.root, bundle) };
      this.serving = bundle.entries;
    }
    return this.latest.build;
  }

  /** Follows the game's sources, from now until `close`. */
  async followSources(watched: Watched): Promise<void> {
    const folders = this.latest?.bundle.sourceFolders ?? [];
    const watcher = await watchSources(this.root, folders, (paths) => this.note(paths, watched));
    this.stopWatching = () => watcher.close();
    this.checkTypes(watched);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.stopWatching();
    await this.types.stop();
    await this.bundler.close();
  }

  private stopWatching: () => Promise<void> = async () => {};

  /** A change that comes while servers are replaced is for the next turn. */
  private note(paths: string[], watched: Watched): void {
    const isFirst = this.waiting.size === 0;
    for (const path of paths) this.waiting.add(path);
    if (!isFirst) return;
    const since = performance.now();
    this.work = this.work.then(async () => {
      const changed = [...this.waiting];
      this.waiting = new Set();
      if (!this.isClosed) await this.apply(changed, since, watched);
    });
  }

  private async apply(paths: string[], since: number, watched: Watched): Promise<void> {
    void this.types.stop();
    this.steps.printLine(`\n• ${listed(paths)} changed`);
    try {
      await this.replaceChanged(paths, since, watched);
    } catch (error) {
      if (this.isClosed) return;
      this.steps.printLine((error as Error).message);
    }
    if (!this.isClosed) this.checkTypes(watched);
  }

  private async replaceChanged(paths: string[], since: number, { fleet, versions }: Watched): Promise<void> {
    const bundle = await this.bundler.bundle().catch(async (error: BuildFailure) => {
      throw new Error(`${await explain(error)}\n✗ nothing is replaced: the servers before serve on`, {
        cause: error,
      });
    });
    const running = new Set(fleet.listMembers().map(({ server }) => server.serverType));
    const types = [...bundle.entries.keys()].filter((type) => running.has(type));
    const changed = paths.includes('.env')
      ? types
      : types.filter((type) => this.serving.get(type) !== bundle.entries.get(type));
    if (changed.length === 0)
      return this.steps.printLine('✓ it changes nothing that a server runs: all go on');
    const build = await keepBundle(this.root, bundle);
    this.latest = { bundle, build };
    await this.replace(changed, bundle, () =>
      fleet.replaceServers(build, versions, changed, bundle.packages),
    );
    const rest = types.filter((type) => !changed.includes(type));
    this.steps.printLine(
      `✓ ${changed.join(', ')} ${changed.length === 1 ? 'serves' : 'serve'} it, ${seconds(since)} after the change; players and rooms move there from the servers before, which drain${rest.length > 0 ? ` (not touched: ${rest.join(', ')})` : ''}`,
    );
    pruneBuilds(
      this.root,
      fleet.listMembers().map((member) => member.build.folder),
    );
  }

  private async replace(types: string[], { entries }: GameBundle, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      for (const type of types) this.serving.set(type, entries.get(type) ?? '');
    } catch (error) {
      throw new Error(
        `${(error as Error).message}\n✗ it does not start with this change: the servers before serve on`,
        { cause: error },
      );
    }
  }

  /** And gets ready for the next change, when the cores are free again. */
  private checkTypes({ fleet, versions }: Watched): void {
    const since = performance.now();
    this.types.check().then(
      (found) => {
        if (!found) return;
        fleet.prepareReplacements(versions, this.latest?.bundle.packages ?? new Map());
        if (found.errors === '') return this.steps.printLine(`✓ types (${seconds(since)})`);
        this.steps.printLine(
          `${firstLines(found.errors)}\n✗ types: ${found.count} ${found.count === 1 ? 'error' : 'errors'} (the servers run all the same)`,
        );
      },
      (error: Error) => this.steps.printLine(`✗ types: ${error.message}`),
    );
  }
}

async function explain({ errors = [], message }: BuildFailure): Promise<string> {
  if (errors.length === 0) return message;
  const color = process.stdout.isTTY;
  return (await formatMessages(errors, { kind: 'error', color })).join('').trim();
}

/** One wrong name may have hundreds of errors. */
function firstLines(text: string): string {
  const lines = text.split('\n');
  return lines.length > shownLines ? `${lines.slice(0, shownLines).join('\n')}\n…` : text;
}

function listed(paths: string[]): string {
  return paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
