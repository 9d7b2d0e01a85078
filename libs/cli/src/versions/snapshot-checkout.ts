import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { moveInto, openBuild } from './build-source.js';
import { revisionOf } from './git.js';
import { markBuilt, readBuild, type VersionBuild, versionsFolder } from './version-build.js';

/** Packages of the game's own repository: npm links them, and they change with its code. */
type OwnPackages = Map<string, string>;

/**
 * Keeps what is built in the game's folder now: servers that are started again have this code, whatever is built there
 * meanwhile. The dependencies stay those of the game's folder.
 *
 * @throws SourceProblem when a server isn't built
 */
export async function snapshotCheckout(root: string): Promise<VersionBuild> {
  const own = findOwnPackages(root);
  const files = readBuiltFiles(root, own);
  const revision = await revisionOf(root);
  const folder = join(versionsFolder(root), `built-${hashOf(files, revision)}`);
  if (!readBuild(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    try {
      for (const [path, content] of files) writeInto(join(unfinished, path), content);
      linkOthers(join(root, 'node_modules'), join(unfinished, 'node_modules'), own);
      markBuilt(unfinished, root, revision);
      moveInto(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return openBuild(folder);
}

function findOwnPackages(root: string): OwnPackages {
  const modules = join(root, 'node_modules');
  const scopes = readdirSync(modules).filter((name) => name.startsWith('@'));
  const names = [...readdirSync(modules), ...scopes.flatMap((scope) => inScope(modules, scope))];
  const linked = names.filter((name) => lstatSync(join(modules, name)).isSymbolicLink());
  const folders = new Map(linked.map((name) => [name, realpathSync(join(modules, name))]));
  // Some package managers link what others made, too.
  return new Map([...folders].filter(([, folder]) => !folder.split(sep).includes('node_modules')));
}

const inScope = (modules: string, scope: string): string[] =>
  readdirSync(join(modules, scope)).map((name) => `${scope}/${name}`);

/** By path in the build: `dist/servers/http.js`, `node_modules/@ccgame/rpc/dist/index.js`. */
function readBuiltFiles(root: string, own: OwnPackages): Map<string, Buffer> {
  const files = new Map<string, Buffer>([['package.json', readFileSync(join(root, 'package.json'))]]);
  readInto(files, join(root, 'dist'), 'dist');
  for (const [name, folder] of own) {
    const to = join('node_modules', name);
    files.set(join(to, 'package.json'), readFileSync(join(folder, 'package.json')));
    readInto(files, join(folder, 'dist'), join(to, 'dist'));
  }
  return files;
}

function readInto(files: Map<string, Buffer>, folder: string, to: string): void {
  if (!existsSync(folder)) return;
  const real = realpathSync(folder);
  for (const path of readdirSync(real, { recursive: true }) as string[]) {
    if (isNotRun.test(path) || !lstatSync(join(real, path)).isFile()) continue;
    files.set(join(to, path), readFileSync(join(real, path)));
  }
}

const isNotRun = /\.d\.ts$|\.tsbuildinfo$/;

function hashOf(files: Map<string, Buffer>, revision = ''): string {
  const hash = createHash('sha256').update(revision);
  for (const [path, content] of files) hash.update(`${path}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

function writeInto(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A link to each package that others made. */
function linkOthers(from: string, to: string, own: OwnPackages): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const names = name.startsWith('@') ? inScope(from, name) : [name];
    mkdirSync(dirname(join(to, names[0] ?? name)), { recursive: true });
    for (const each of names) if (!own.has(each)) symlinkSync(realpathSync(join(from, each)), join(to, each));
  }
}
