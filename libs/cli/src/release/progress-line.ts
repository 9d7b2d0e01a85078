import { printNote } from './print-note.js';

/** A line that says the same is told again after so long, ms: a log shows that somebody still waits. */
const againMs = 60_000;

/** How far something is: on a terminal one line that changes, and in a log one for each change. */
export class ProgressLine {
  private told = '';
  private toldAt = -Infinity;

  show(line: string): void {
    const { stdout } = process;
    if (stdout.isTTY) {
      stdout.write(`\r\u001b[K${line.slice(0, stdout.columns - 1)}`);
      return;
    }
    const now = performance.now();
    if (line === this.told && now - this.toldAt < againMs) return;
    [this.told, this.toldAt] = [line, now];
    printNote(line);
  }

  /** The next line is another one. */
  endLine(): void {
    if (process.stdout.isTTY) process.stdout.write('\n');
  }
}
