import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** New and changed files of a game's repository. Nothing is written before all of it is known to fit. */
export class GameChanges {
  private readonly texts = new Map<string, string>();

  /** @param root the game's folder, in which all paths begin */
  constructor(private readonly root: string) {}

  has(path: string): boolean {
    return this.texts.has(path) || existsSync(join(this.root, path));
  }

  /** @throws Error when there is no such file */
  readText(path: string): string {
    const changed = this.texts.get(path);
    if (changed !== undefined) return changed;
    if (!this.has(path)) throw new Error(`${path} is missing, and the command has to add to it.`);
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** @throws Error when there is one: a command never overwrites what somebody wrote */
  createFile(path: string, text: string): void {
    if (this.has(path)) throw new Error(`${path} is there already.`);
    this.texts.set(path, text);
  }

  /**
   * Puts a text behind the last match of a pattern.
   *
   * @throws Error that names the file and what wasn't found in it
   */
  insertAfterLast(path: string, pattern: RegExp, text: string): void {
    const all = this.readText(path);
    const found = [...all.matchAll(new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`))].at(-1);
    if (!found) throw new Error(`${path} has nothing like ${pattern}; add this there by hand:\n${text}`);
    const end = found.index + found[0].length;
    this.texts.set(path, all.slice(0, end) + text + all.slice(end));
  }

  /** Puts a text before the first match of a pattern. @throws as `insertAfterLast` */
  insertBefore(path: string, pattern: RegExp, text: string): void {
    const all = this.readText(path);
    const at = all.search(pattern);
    if (at < 0) throw new Error(`${path} has nothing like ${pattern}; add this there by hand:\n${text}`);
    this.texts.set(path, all.slice(0, at) + text + all.slice(at));
  }

  /** Adds to a kustomization's resources, which stand in brackets or one a line. */
  addResource(path: string, resource: string): void {
    const all = this.readText(path);
    const inBrackets = /^resources: \[([^\]]*)\]/m.exec(all);
    if (inBrackets) {
      const items = inBrackets[1].split(',').map((item) => item.trim());
      const list = `resources: [${[...items.filter(Boolean), resource].join(', ')}]`;
      this.texts.set(path, all.replace(inBrackets[0], list));
    } else
      this.insertAfterLast(path, /^resources:\n(?: {2}(?:-|#).*\n)*?(?: {2}- .*\n)+/m, `  - ${resource}\n`);
  }

  /** Writes everything, in the form of the game's Prettier when it has one. Gives the paths. */
  writeFiles(): string[] {
    const paths = [...this.texts.keys()].sort();
    for (const path of paths) {
      const file = join(this.root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, this.readText(path));
    }
    this.formatFiles(paths);
    return paths;
  }

  private formatFiles(paths: string[]): void {
    const prettier = join(this.root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
    if (!existsSync(prettier)) return;
    const args = [prettier, '--write', '--ignore-unknown', '--log-level', 'error', ...paths];
    spawnSync(process.execPath, args, { cwd: this.root, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
