import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ccgame = fileURLToPath(new URL('../../bin/ccgame.mjs', import.meta.url));

/**
 * Runs `ccgame observe` beside the launcher of this process. It ends by itself when the launcher doesn't answer any more; where it fails, its
 * own words say why, and the launcher goes on.
 */
export function startObserver(port: number): () => Promise<void> {
  const args = [ccgame, 'observe', '--port', String(port)];
  const observer = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(observer, 'exit');
  return async () => {
    observer.kill('SIGTERM');
    await ended;
  };
}
