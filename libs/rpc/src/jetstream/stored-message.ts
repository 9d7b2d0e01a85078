import { asBuffer } from '../wire/as-buffer.js';

/** A message as its stream holds it, read by direct get. */
export class StoredMessage {
  readonly seq: number;
  readonly subject: string;

  /** @param head the headers: those it was stored with, and then the ones that NATS adds */
  constructor(
    private readonly head: string,
    readonly data: Uint8Array,
  ) {
    this.seq = Number(field(head, 'Nats-Sequence'));
    this.subject = field(head, 'Nats-Subject');
  }

  /** When it was stored, ms since 1970 on the clock of NATS. */
  get storedAt(): number {
    return Date.parse(field(this.head, 'Nats-Time-Stamp'));
  }

  /** @throws SyntaxError */
  json<T>(): T {
    return JSON.parse(asBuffer(this.data).toString()) as T;
  }
}

/** The last of that name: a publisher may have stored one of the same name. */
export function field(head: string, name: string): string {
  const start = head.lastIndexOf(`\r\n${name}: `);
  if (start < 0) return '';
  return head.slice(start + name.length + 4, head.indexOf('\r\n', start + 2));
}
