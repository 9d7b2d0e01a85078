import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A command that runs beside the test, and everything that it printed, on stdout and stderr. */
export class ChildOutput {
  text = '';
  /** The exit code, once it has ended and all that it printed is here; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  private hasEnded = false;
  private seen = 0;

  constructor(readonly child: ChildProcess) {
    // A character may come in two parts.
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => (this.text += error.message));
      child.once('close', (code) => {
        this.hasEnded = true;
        resolve(code);
      });
    });
  }

  /**
   * Resolves when the command has printed something that fits, behind what fitted the last time.
   *
   * @param timeoutMs default 100,000
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

  private async untilChange(late: AbortSignal): Promise<void> {
    const done = new AbortController();
    const signal = AbortSignal.any([late, done.signal]);
    const outputs = [this.child.stdout, this.child.stderr].filter((output) => output !== null);
    const data = outputs.map((output) => once(output, 'data', { signal }));
    await Promise.race([...data, this.ended]).catch(() => {});
    done.abort();
    await Promise.allSettled(data);
  }
}
