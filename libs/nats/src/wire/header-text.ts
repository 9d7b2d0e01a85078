import type { Msg } from '@nats-io/nats-core';
import { asBuffer } from './as-buffer.js';

/** The bytes that nats.js keeps of a message, under names of its own. */
export interface RawMessage {
  _rdata?: Uint8Array;
  _msg?: { hdr: number; subject?: Uint8Array; reply?: Uint8Array };
}

/**
 * The header block as it came, undefined where there is none. nats.js would decode it to a map of lists first, at 1.3 µs
 * and more; where its inner names are others one day, we ask it for that.
 */
export function headerText(message: Msg): string | undefined {
  const { _rdata: bytes, _msg: lengths } = message as RawMessage;
  if (bytes && lengths) {
    return lengths.hdr > 0 ? asBuffer(bytes).toString('utf8', 0, lengths.hdr) : undefined;
  }
  const { headers } = message;
  if (!headers) {
    return undefined;
  }
  const lines = headers.keys().flatMap((name) => headers.values(name).map((value) => `${name}: ${value}`));
  return [`NATS/1.0 ${headers.code || ''}`, ...lines, '', ''].join('\r\n');
}

/** The subject that a message came on. nats.js decodes it with a TextDecoder, which takes several times as long. */
export function subjectText(message: Msg): string {
  const { subject } = (message as RawMessage)._msg ?? {};
  return subject ? asBuffer(subject).toString() : message.subject;
}

/** The subject on which a message wants its answer, as {@link subjectText}; empty or undefined: it wants none. */
export function replyText(message: Msg): string | undefined {
  const { reply } = (message as RawMessage)._msg ?? {};
  return reply ? asBuffer(reply).toString() : message.reply;
}
