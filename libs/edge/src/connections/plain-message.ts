import { isUtf8 } from 'node:buffer';

/** A text frame that is whole, and masked as a client's has to be. Source: RFC 6455, 5.2. */
const finalText = 0x81;
const masked = 0x80;
const maskLength = 4;
const longestShort = 125;
const twoByteLength = 126;

/** Messages are read here one at a time; a longer one is read by ws. */
const unmasked = Buffer.allocUnsafeSlow(8 * 1024);
const words = new Int32Array(unmasked.buffer);
const mask = new Uint8Array(maskLength);
const maskWord = new Int32Array(mask.buffer);
/** The bits that no byte of ASCII has, in a word. */
const beyondAscii = 0x80808080;
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

/** Four bytes at a time. Whether it is ASCII alone. */
function unmask(frame: Buffer, payloadAt: number): boolean {
  const length = frame.copy(unmasked, 0, payloadAt);
  for (let at = 0; at < maskLength; at += 1) mask[at] = frame[payloadAt - maskLength + at];
  const whole = length >> 2;
  const [word] = maskWord;
  let bits = 0;
  for (let at = 0; at < whole; at += 1) bits |= words[at] ^= word;
  for (let at = whole << 2; at < length; at += 1) bits |= unmasked[at] ^= mask[at & 3];
  return (bits & beyondAscii) === 0;
}
