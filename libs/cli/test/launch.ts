import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How a launcher is started. */
export interface LaunchOptions {
  command?: 'start' | 'dev';
  /** The game's folder. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** `npm start` or `npm run dev` without the part that installs and compiles, which the tests' own run has done. */
export function launch(args: string[], { command = 'start', cwd, env }: LaunchOptions = {}): Launch {
  const main = JSON.stringify(join(process.cwd(), 'libs/cli/dist/dev/main.js'));
  const code = `import(${main}).then(({ main }) => main(${JSON.stringify(args)}, '${command}'))`;
  const options = { cwd, env: { ...process.env, NATS_ADDRESS: '', ...env } };
  return new Launch(spawn(process.execPath, ['--input-type=module', '-e', code], options));
}

/** A command that runs beside the test, and everything that it printed. */
export class Launch {
  text = '';
  readonly ended: Promise<number | null>;
  private hasEnded = false;
  private seen = 0;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.ended = once(child, 'close').then(([code]) => {
      this.hasEnded = true;
      return code as number | null;
    });
  }

  /**
   * Resolves when the command has printed something that fits, after what fitted the time before.
   *
   * @throws Error with all that it printed, when it ends before or prints no such thing in time
   */
  async prints(pattern: RegExp, timeoutMs = 100_000): Promise<RegExpExecArray> {
    const late = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const match = pattern.exec(this.text.slice(this.seen));
      if (match) {
        this.seen += match.index + match[0].length;
        return match;
      }
      if (this.hasEnded) throw new Error(`It ended without printing ${pattern}:\n${this.text}`);
      if (late.aborted) throw new Error(`It did not print ${pattern} in ${timeoutMs} ms:\n${this.text}`);
      await this.untilChange(late);
    }
  }

  /** As Ctrl-C does; resolves when it is gone. */
  async interrupt(): Promise<void> {
    this.child.kill('SIGINT');
    await this.ended;
  }

  private async untilChange(late: AbortSignal): Promise<void> {
    const done = new AbortController();
    const signal = AbortSignal.any([late, done.signal]);
    const data = once(this.child.stdout!, 'data', { signal });
    const error = once(this.child.stderr!, 'data', { signal });
    await Promise.race([data, error, this.ended]).catch(() => {});
    done.abort();
    await Promise.allSettled([data, error]);
  }
}
