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
  // For its owner alone: the address may hold a password.
  writeFileSync(pathIn(root), JSON.stringify(content, null, 2), { mode: 0o600 });
}

/** Undefined when nothing runs, also when a killed launcher left its file behind. */
export async function readDevFile(root: string): Promise<DevFile | undefined> {
  try {
    const content = JSON.parse(readFileSync(pathIn(root), 'utf8')) as DevFile;
    const answer = await fetch(content.controlUrl, { signal: AbortSignal.timeout(2000) });
    return (await answer.text()) === String(content.pid) ? content : undefined;
  } catch {
    return undefined;
  }
}

export function removeDevFile(root: string): void {
  rmSync(pathIn(root), { force: true });
}
