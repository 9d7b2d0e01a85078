/** A packet as engine.io hands it to a transport; a message of socket.io has a string. */
export interface EnginePacket {
  type: string;
  data?: unknown;
  /** The length of the string in UTF-8, where it is known. */
  bytes?: number;
}

/** A message of socket.io, whose length is known. */
export interface TextPacket extends EnginePacket {
  type: 'message';
  data: string;
  bytes: number;
}

export function textPacket(data: string): TextPacket {
  return { type: 'message', data, bytes: Buffer.byteLength(data) };
}

/** A text frame that is whole. Source: RFC 6455, 5.2; a server does not mask. */
const finalText = 0x81;

/**
 * The packets as WebSocket text frames, one after another in one buffer. Undefined: one of them is not a text message.
 * Source: the engine.io protocol 4, where a message begins with `4`.
 */
export function textFrames(packets: readonly EnginePacket[]): Buffer | undefined {
  let total = 0;
  // One that is pushed to has places for 17.
  const lengths = new Array<number>(packets.length);
  for (let index = 0; index < packets.length; index += 1) {
    const { type, data, bytes } = packets[index];
    if (type !== 'message' || typeof data !== 'string') return undefined;
    const length = 1 + (bytes ?? Buffer.byteLength(data));
    lengths[index] = length;
    total += headerLength(length) + length;
  }
  const frames = Buffer.allocUnsafe(total);
  let at = 0;
  for (let index = 0; index < packets.length; index += 1) {
    at = writeHeader(frames, at, lengths[index] ?? 0);
    frames[at++] = 0x34;
    at += frames.write(packets[index].data as string, at);
  }
  return frames;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 0x1_0000 ? 4 : 10;
}

/** Returns where the payload begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText;
  if (length < 126) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length < 0x1_0000) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = 127;
  return frames.writeBigUInt64BE(BigInt(length), at + 2);
}
