import { join, relative } from 'node:path';
import { watch } from 'chokidar';

/** Editors write a file in several steps, and save several files at once. */
const settleMs = 30;
const ignored = /[\\/](node_modules|dist|test|\.[^\\/]+)([\\/]|$)|\.(spec|e2e|long)\.ts$|\.tsbuildinfo$|~$/;

/**
 * Tells which files changed, from the game's folder on, when a moment has passed without one more.
 *
 * @param folders those of its sources
 */
export async function watchSources(
  root: string,
  folders: string[],
  onChange: (paths: string[]) => void,
): Promise<{ close(): Promise<void> }> {
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const paths = [...changed].sort();
    changed = new Set();
    onChange(paths);
  };
  const watcher = watch(
    [...folders, '.env'].map((name) => join(root, name)),
    {
      ignored: (path) => ignored.test(relative(root, path).replace(/^\.env$/, '')),
      ignoreInitial: true,
    },
  );
  watcher.on('all', (event, path) => {
    if (event.endsWith('Dir')) return;
    changed.add(relative(root, path));
    clearTimeout(timer);
    timer = setTimeout(tell, settleMs);
  });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
