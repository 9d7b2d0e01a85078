import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { printNote } from '../../print-note.js';

/**
 * Brings what was written to where the cluster's tool reads it: by the studio's command, in the folder, with a sentence that
 * says what it is in CCGAME_CHANGE. Without a command a person does it, who is asked to.
 *
 * @throws Error when the command fails
 */
export async function publishChange(folder: string, sentence: string, command?: string): Promise<void> {
  if (command === undefined) {
    printNote(`${sentence}: ${folder} has changed. Commit and push it; the cluster follows then.`);
    return;
  }
  const env = { ...process.env, CCGAME_CHANGE: sentence };
  const child = spawn('sh', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(
      `${folder} is written (${sentence}), but not published: ${printed.trim()}\nThe next command publishes it: the same one, or "ccgame release follow".`,
    );
}
