import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The release channel of what `npm start` runs: it may share a NATS with something real. */
export const devChannel = 'dev';

/** Where a running `npm start` can be reached from other commands of this checkout. */
export interface DevFile {
  pid: number;
  controlUrl: string;
  natsAddress: string;
  publicUrl: string;
}

const pathIn = (root: string): string => join(root, '.ccgame', 'dev.json');

export function writeDevFile(root: string, content: DevFile): void {
  mkdirSync(dirname(pathIn(root)), { recursive: true });
  writeFileSync(pathIn(root), JSON.stringify(content, null, 2));
}

/** Undefined when nothing runs, also when a killed launcher left its file behind. */
export function readDevFile(root: string): DevFile | undefined {
  try {
    const content = JSON.parse(readFileSync(pathIn(root), 'utf8')) as DevFile;
    process.kill(content.pid, 0);
    return content;
  } catch {
    return undefined;
  }
}

export function removeDevFile(root: string): void {
  rmSync(pathIn(root), { force: true });
}
