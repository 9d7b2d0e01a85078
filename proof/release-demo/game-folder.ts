import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const parts = ['dist', 'apps', 'libs', 'k8s', 'node_modules', 'package.json', 'package-lock.json'];

/** A folder that looks like the checkout, so that a second `npm start` does not meet the first one's files. */
export function openGameFolder(root: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'ccgame-demo-'));
  for (const part of parts) symlinkSync(join(root, part), join(path, part));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
