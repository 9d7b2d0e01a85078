import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endOfLines } from './printed-lines.js';

export interface TerminalOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Gets all that is printed. */
  onOutput: (text: string) => void;
}

/** Commands in bash, of which one fails them all. Their process group is their own, as a terminal's is. */
export class Terminal {
  private readonly bash: ChildProcess;
  private printed = '';
  private seen = 0;
  private readonly ended: Promise<unknown>;

  constructor(commands: string, { cwd, env, onOutput }: TerminalOptions) {
    this.bash = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.bash, 'close');
    // Nothing more comes: those who wait for a line look once more.
    this.bash.on('close', () => this.bash.emit('printed'));
    for (const stream of [this.bash.stdout, this.bash.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.printed += text;
        onOutput(text);
        this.bash.emit('printed');
      });
  }

  /** @throws Error when a command fails, or they take longer than this */
  async untilEnd(withinMs: number): Promise<string> {
    const timer = setTimeout(() => this.interrupt('SIGKILL'), withinMs);
    await this.ended;
    clearTimeout(timer);
    if (this.bash.exitCode !== 0) throw new Error(`it ended with ${this.bash.exitCode ?? 'a time-out'}`);
    return this.printed;
  }

  /** Waits for lines that come after those that were waited for before. @throws Error when they don't come */
  async untilPrinted(lines: readonly string[], withinMs: number): Promise<void> {
    const signal = AbortSignal.timeout(withinMs);
    for (;;) {
      const end = endOfLines(this.printed.slice(this.seen), lines);
      if (end !== undefined) {
        this.seen += end;
        return;
      }
      if (this.bash.exitCode !== null || this.bash.signalCode !== null)
        throw new Error('it ended before it printed that');
      await once(this.bash, 'printed', { signal }).catch(() => {
        throw new Error('it did not print that in time');
      });
    }
  }

  /** Ctrl-C, and again by force where that does not end it in 20 s. */
  async stop(): Promise<void> {
    if (this.bash.exitCode !== null || this.bash.signalCode !== null) return;
    const timer = setTimeout(() => this.interrupt('SIGKILL'), 20_000);
    this.interrupt('SIGINT');
    await this.ended;
    clearTimeout(timer);
  }

  private interrupt(signal: NodeJS.Signals): void {
    if (this.bash.pid !== undefined) process.kill(-this.bash.pid, signal);
  }
}
