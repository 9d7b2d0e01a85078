import { execFile } from 'node:child_process';

/** Runs a command to its end. Gives its output, or undefined where it is missing, fails or takes too long. */
export function output(command: string, args: string[], timeoutMs = 10_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: timeoutMs }, (error, stdout) => resolve(error ? undefined : stdout));
  });
}
