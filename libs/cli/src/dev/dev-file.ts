import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from './is-alive.js';

/** The release channel of what `npm start` runs: it may share a NATS with something real. */
export const devChannel = 'dev';

/** Where a running `npm start` can be reached from other commands of this checkout. */
export interface DevFile {
  pid: number;
  controlUrl: string;
  natsAddress: string;
  publicUrl: string;
  /** Its servers and its first game are not done yet. */
  isStarting: boolean;
}

/** `dead`: its file was left behind. `silent`: its process lives, and nobody knows more. */
export type Launcher =
  | { state: 'none' | 'dead' }
  | { state: 'answers'; dev: DevFile }
  | { state: 'silent'; dev: DevFile; reason: string };

/** A launcher that is held up for seconds, as all else on its machine, is still there. */
const answerWithinMs = 10_000;

const pathIn = (root: string): string => join(root, '.ccgame', 'dev.json');

/** Tells the commands of other terminals how they reach this launcher. */
export function writeDevFile(root: string, content: DevFile): void {
  mkdirSync(dirname(pathIn(root)), { recursive: true });
  // For its owner alone: the address may hold a password. Another process never reads half of it.
  const unfinished = `${pathIn(root)}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(content, null, 2), { mode: 0o600 });
  renameSync(unfinished, pathIn(root));
}

/** Whether an `npm start` runs in this checkout. A slow one is never taken for none. */
export async function findLauncher(root: string, withinMs = answerWithinMs): Promise<Launcher> {
  const dev = readDevFile(root);
  if (!dev) return { state: 'none' };
  try {
    const answer = await fetch(dev.controlUrl, { signal: AbortSignal.timeout(withinMs) });
    if ((await answer.text()) === String(dev.pid)) return { state: 'answers', dev };
    if (!isAlive(dev.pid)) return { state: 'dead' };
    return { state: 'silent', dev, reason: `${dev.controlUrl} is answered by something else` };
  } catch (error) {
    if (!isAlive(dev.pid)) return { state: 'dead' };
    const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return { state: 'silent', dev, reason: cause?.code ?? message };
  }
}

/** Says that no launcher runs here any more; it is no error where none did. */
export function removeDevFile(root: string): void {
  rmSync(pathIn(root), { force: true });
}

function readDevFile(root: string): DevFile | undefined {
  try {
    const dev = Object(JSON.parse(readFileSync(pathIn(root), 'utf8'))) as DevFile;
    // One that says nothing would be taken for none, and a cluster for what was meant.
    if (!(Number.isInteger(dev.pid) && dev.pid > 0 && URL.canParse(dev.controlUrl)))
      throw new Error('it names no process');
    return dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(
      `${pathIn(root)} can't be read (${(error as Error).message}); delete it when no "npm start" runs here.`,
      { cause: error },
    );
  }
}
