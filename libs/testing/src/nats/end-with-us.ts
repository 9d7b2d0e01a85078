import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** The servers say good-bye over NATS first. */
const graceSeconds = 3;

/**
 * Ends a child that has a process group of its own a moment after this process is gone, by whatever cause, SIGKILL too:
 * a shell waits for the end of a pipe that only this process holds open.
 */
export function endWithUs(child: ChildProcess): void {
  const script = 'read -r _; sleep "$2"; kill -CONT "$1"; kill "$1"';
  const watcher = spawn('sh', ['-c', script, 'sh', String(child.pid), String(graceSeconds)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => {});
  watcher.unref();
  (watcher.stdin as Socket).unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
}
