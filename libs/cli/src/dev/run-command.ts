import { spawn } from 'node:child_process';

/** Where a command runs, and the variables that it gets beside those of this process. */
export interface CommandOptions {
  cwd: string;
  env?: Record<string, string | undefined>;
}

/** Runs a command to its end. @throws Error with the end of what it printed when it fails. */
export function runCommand(command: string, args: string[], { cwd, env }: CommandOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    // An editor stops this process alone, and means its commands too.
    const killChild = (): void => void child.kill();
    process.once('exit', killChild);
    let printed = '';
    const keep = (chunk: string): void => void (printed = (printed + chunk).slice(-2000));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', killChild);
      if (code === 0) resolve();
      else reject(new Error(`"${command} ${args.join(' ')}" ended with ${code}:\n${printed.trim()}`));
    });
  });
}
