import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/** As NATS words it, in a line of a log in which its quotes may be escaped. */
const denial = /Permissions Violation for (Publish|Subscription) to \\*"([^"\\]+)/g;

/** Finds in a log that grows what NATS did not permit. Each look reads what is new: a server that waits for a right is looked at twenty times a second. */
export class LogDenials {
  private readonly subjects = new Set<string>();
  /** The part of the log that was read, bytes. */
  private readUpTo: number;

  /** The log's lines by now are of another process. */
  constructor(private readonly file: string) {
    this.readUpTo = this.bytesNow;
  }

  /** The subjects, each once: `publish to orders.new`, `subscribe to orders.*`. */
  findDenied(): string[] {
    const text = this.readNew();
    // The rest of a line that is being written is read at the next look.
    const lines = text.subarray(0, text.lastIndexOf(0x0a) + 1);
    this.readUpTo += lines.length;
    for (const [, operation, subject] of lines.toString().matchAll(denial))
      this.subjects.add(`${operation === 'Publish' ? 'publish' : 'subscribe'} to ${subject}`);
    return [...this.subjects];
  }

  private get bytesNow(): number {
    return existsSync(this.file) ? statSync(this.file).size : 0;
  }

  private readNew(): Buffer {
    const bytes = Buffer.alloc(Math.max(0, this.bytesNow - this.readUpTo));
    if (bytes.length === 0) return bytes;
    const file = openSync(this.file, 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, this.readUpTo));
    } finally {
      closeSync(file);
    }
  }
}
