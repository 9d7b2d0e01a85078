import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../dev/run-command.js';

/**
 * Gives a version's code the dependencies of its own lock file: those of another folder with the same one, file by file as hard
 * links, so that an install there changes nothing here; else npm installs them.
 *
 * @param others folders of games, tried in their order
 */
export async function provideDependencies(folder: string, others: string[]): Promise<void> {
  const lock = readLock(folder);
  const same = lock && others.find((other) => isInstalled(other) && readLock(other)?.equals(lock));
  if (same) return linkDependencies(same, folder);
  const how = lock ? 'ci' : 'install';
  const args = [how, '--no-fund', '--no-audit', '--prefer-offline', '--loglevel=error'];
  await runCommand('npm', args, { cwd: folder });
}

function readLock(folder: string): Buffer | undefined {
  const file = join(folder, 'package-lock.json');
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** npm writes its own copy of the lock file last. */
const isInstalled = (folder: string): boolean =>
  existsSync(join(folder, 'node_modules', '.package-lock.json'));

/** With what npm put into the folders of a repository's own packages. */
function linkDependencies(from: string, to: string): void {
  linkTree(realpathSync(join(from, 'node_modules')), join(to, 'node_modules'));
  const packages = existsSync(join(to, 'libs')) ? readdirSync(join(to, 'libs')) : [];
  for (const name of packages) {
    const inner = join('libs', name, 'node_modules');
    if (existsSync(join(from, inner))) linkTree(join(from, inner), join(to, inner));
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    // Another file system, or one without links.
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    if (lstatSync(source).isFile()) copyFileSync(source, target);
  }
}
