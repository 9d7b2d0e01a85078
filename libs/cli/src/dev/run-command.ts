import { spawn } from 'node:child_process';

/** Where a command runs, and the variables that it gets beside those of this process. */
export interface CommandOptions {
  cwd: string;
  env?: Record<string, string | undefined>;
  /** The command is ended after so many ms; left out: it has as long as it takes. */
  timeoutMs?: number;
}

/** Runs a command to its end. @throws Error with the end of what it printed when it fails, or takes too long. */
export function runCommand(
  command: string,
  args: string[],
  { cwd, env, timeoutMs }: CommandOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    // An editor stops this process alone, and means its commands too.
    const killChild = (): void => void child.kill();
    process.once('exit', killChild);
    let printed = '';
    const keep = (chunk: string): void => void (printed = (printed + chunk).slice(-2000));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    const rejectWith = (how: string): void =>
      reject(new Error(`"${command} ${args.join(' ')}" ${how}:\n${printed.trim()}`));
    const giveUp = (): void => {
      child.kill();
      // At once, as what the command has started may hold the pipes open.
      rejectWith(`had not ended after ${timeoutMs} ms`);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', killChild);
      if (code === 0) resolve();
      else rejectWith(`ended with ${code}`);
    });
  });
}
