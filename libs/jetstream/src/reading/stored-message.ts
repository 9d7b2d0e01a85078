import type { Msg } from '@nats-io/nats-core';
import { asBuffer, headerText } from '@ccgame/nats';

const streamHeader = '\r\nNats-Stream: ';
const expectedHeader = '\r\nNats-Expected-Last-Subject-Sequence: ';

/** A message as its stream holds it, read by direct get or republished. */
export class StoredMessage {
  readonly seq: number;
  readonly subject: string;

  /** @param head the headers: those it was stored with, and then the ones that NATS adds */
  constructor(
    private readonly head: string,
    readonly data: Uint8Array,
  ) {
    this.seq = Number(headerField(head, 'Nats-Sequence'));
    this.subject = headerField(head, 'Nats-Subject');
  }

  /**
   * Whether it was written by compare-and-set. JetStream's own answers, which a user may have sent to any subject, never
   * are: not without the header that says where they were stored before (decision 061).
   */
  get isWritten(): boolean {
    return this.head.includes(expectedHeader) && !this.isForeign;
  }

  /** Whether it is an answer of JetStream that a user had sent to this stream's subject: it says where it was stored before. */
  get isForeign(): boolean {
    return this.head.indexOf(streamHeader) !== this.head.lastIndexOf(streamHeader);
  }

  hasHeader(header: string): boolean {
    return this.head.includes(`\r\n${header}: `);
  }

  /** Empty where there is no such header. */
  fieldOf(header: string): string {
    return headerField(this.head, header);
  }

  /** When it was stored, ms since 1970 on the clock of NATS. */
  get storedAt(): number {
    return Date.parse(headerField(this.head, 'Nats-Time-Stamp'));
  }

  text(): string {
    return asBuffer(this.data).toString();
  }

  /** @throws SyntaxError */
  json<T>(): T {
    return JSON.parse(this.text()) as T;
  }
}

/** A message that this process has just stored by compare-and-set, as it would be read, but without its time. */
export function ownMessage(stream: string, subject: string, seq: number, payload: string): StoredMessage {
  const head = `NATS/1.0${expectedHeader}${streamHeader}${stream}\r\nNats-Subject: ${subject}\r\nNats-Sequence: ${seq}\r\n\r\n`;
  return new StoredMessage(head, Buffer.from(payload));
}

/** Reads a message that a stream republished. Anything else has no subject, or another than the one that it was published to. */
export function republishedMessage(message: Msg): StoredMessage {
  return new StoredMessage(headerText(message) ?? '', message.data);
}

/** The last of that name: a publisher may have stored one of the same name. */
export function headerField(head: string, name: string): string {
  const start = head.lastIndexOf(`\r\n${name}: `);
  if (start < 0) return '';
  return head.slice(start + name.length + 4, head.indexOf('\r\n', start + 2));
}
