import { isUtf8 } from 'node:buffer';

/** A text frame that is whole, and masked as a client's has to be. Source: RFC 6455, 5.2. */
const finalText = 0x81;
const masked = 0x80;
const maskLength = 4;
const longestShort = 125;
const twoByteLength = 126;

/** Messages are read here one at a time; a longer one is read by ws. */
const unmasked = Buffer.allocUnsafe(8 * 1024);
/** engine.io's packet `message`, socket.io's `event` in the main namespace without an acknowledgement. Sources: their protocols, 4 and 5. */
const starts = ['42["Request",', '42["Notify",'].map((text) => Buffer.from(text));
const shortest = 32;

export interface PlainMessage {
  event: string;
  data: unknown;
}

/**
 * Reads a Request or Notify out of a frame in the form in which clients send it; undefined for all else and for what isn't
 * understood, which is left to ws and socket.io. Their way makes three decoders, two turns of `nextTick` and a dozen
 * events of a message, and costs more than the rest that a connector does for it.
 *
 * @param frame one whole frame, between messages
 */
export function readPlainMessage(frame: Buffer): PlainMessage | undefined {
  const payloadAt = payloadStart(frame);
  if (payloadAt === undefined) return undefined;
  const length = frame.length - payloadAt;
  const isAscii = unmask(frame, payloadAt);
  if (!starts.some((start) => start.compare(unmasked, 0, start.length) === 0)) return undefined;
  if (!isAscii && !isUtf8(unmasked.subarray(0, length))) return undefined;
  const text = isAscii ? unmasked.toString('latin1', 2, length) : unmasked.toString('utf8', 2, length);
  try {
    const values = JSON.parse(text) as [string, unknown];
    const [event, data] = values;
    // Several arguments are a list to its handler, as where the client passed a callback.
    return values.length === 2 ? { event, data } : undefined;
  } catch {
    return undefined;
  }
}

function payloadStart(frame: Buffer): number | undefined {
  const short = (frame[1] ?? 0) - masked;
  if (frame[0] !== finalText || frame.length < shortest || frame.length > unmasked.length) return undefined;
  if (short >= 0 && short <= longestShort) return 2 + maskLength;
  return short === twoByteLength ? 4 + maskLength : undefined;
}

/** Whether it is ASCII alone. */
function unmask(frame: Buffer, payloadAt: number): boolean {
  const maskAt = payloadAt - maskLength;
  let bits = 0;
  for (let at = payloadAt; at < frame.length; at += 1) {
    const byte = frame[at] ^ frame[maskAt + ((at - payloadAt) & 3)];
    unmasked[at - payloadAt] = byte;
    bits |= byte;
  }
  return bits < 0x80;
}
