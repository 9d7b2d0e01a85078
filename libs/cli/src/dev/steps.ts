import { paintMarks } from '../paint.js';

/** Prints what is going on, one line a step, with the time it took. */
export class Steps {
  private readonly started = performance.now();
  private isStopped = false;

  /** Runs one step. On a terminal its name is shown while it runs. */
  async runStep<T>(name: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T> {
    const started = performance.now();
    const progress = (text: string): void => this.transient(`• ${name}: ${text}`);
    if (process.stdout.isTTY) this.transient(`• ${name} …`);
    try {
      const result = await work(progress);
      this.printLine(`✓ ${name} (${duration(performance.now() - started)})`);
      return result;
    } catch (error) {
      if (!this.isStopped) this.printLine(`✗ ${name} (${duration(performance.now() - started)})`);
      throw error;
    }
  }

  /** An interrupted step has not failed. */
  stop(): void {
    this.isStopped = true;
  }

  printLine(text: string): void {
    const line = `${paintMarks(text)}\n`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : line);
  }

  total(): string {
    return duration(performance.now() - this.started);
  }

  private transient(text: string): void {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text.slice(0, process.stdout.columns - 1)}`);
    else if (text !== this.lastTransient) process.stdout.write(`${text}\n`);
    this.lastTransient = text;
  }

  private lastTransient = '';
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
