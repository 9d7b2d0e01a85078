import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { NatsProblem } from './nats-problem.js';
import { pinnedNatsVersion } from './version.js';

/**
 * Builds the pinned nats-server from its Go module.
 *
 * @param path where the binary is to be, with the name `nats-server`.
 * @throws NatsProblem with the build's last line when it fails.
 */
export async function installNatsWithGo(path: string, onProgress: (text: string) => void): Promise<void> {
  onProgress(`building nats-server ${pinnedNatsVersion} with Go, once (under a minute)`);
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const child = spawn('go', ['install', `github.com/nats-io/nats-server/v2@v${pinnedNatsVersion}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let lastLine = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastLine = chunk.toString().trim().split('\n').at(-1) ?? lastLine;
    onProgress(lastLine);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  if (code !== 0) throw new NatsProblem(`Go could not build nats-server ${pinnedNatsVersion}: ${lastLine}`);
}
