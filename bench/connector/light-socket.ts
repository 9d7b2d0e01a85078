import { connect, type Socket } from 'node:net';

const textFrame = 0x81;
const closeFrame = 0x88;
const maskKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const headEnd = '\r\n\r\n';

/**
 * A WebSocket client (RFC 6455) that weighs next to nothing: the load's process must not be what is measured. Text frames
 * only, and no checks of what the server sends.
 */
export class LightSocket {
  readonly closed: Promise<void>;
  private readonly tcp: Socket;
  private rest: Buffer = Buffer.alloc(0);
  private isUpgraded = false;

  constructor(
    address: URL,
    path: string,
    private readonly receive: (text: string) => void,
  ) {
    this.tcp = connect({ host: address.hostname, port: Number(address.port), noDelay: true });
    this.tcp.write(
      `GET ${path} HTTP/1.1\r\nHost: ${address.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGlnaHQtY2xpZW50LWtleQ==${headEnd}`,
    );
    this.tcp.on('data', (data) => this.take(data));
    // A reset is as good an end as any.
    this.tcp.on('error', () => {});
    this.closed = new Promise((resolve) => this.tcp.once('close', () => resolve()));
  }

  send(text: string): void {
    this.tcp.write(frame(text));
  }

  /** Frames made before, as many as one likes, in one write. */
  sendRaw(frames: Buffer): void {
    this.tcp.write(frames);
  }

  close(): void {
    this.tcp.destroy();
  }

  private take(data: Buffer): void {
    let all = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    if (!this.isUpgraded) {
      const end = all.indexOf(headEnd);
      if (end >= 0) all = all.subarray(end + headEnd.length);
      this.isUpgraded = end >= 0;
    }
    this.rest = this.isUpgraded ? this.takeFrames(all) : all;
  }

  /** Returns what is left: the beginning of a frame. */
  private takeFrames(all: Buffer): Buffer {
    let at = 0;
    while (all.length - at >= 2) {
      let length = all.readUInt8(at + 1);
      let start = at + 2;
      if (length === 126) {
        if (all.length - at < 4) break;
        length = all.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (all.length - at < 10) break;
        length = Number(all.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      if (all.length < start + length) break;
      const kind = all.readUInt8(at);
      if (kind === textFrame) this.receive(all.toString('utf8', start, start + length));
      // Else the server would wait for our close frame.
      if (kind === closeFrame) this.close();
      at = start + length;
    }
    return at === 0 ? all : all.subarray(at);
  }
}

/** A client's text frame; of less than 64 KB. */
export function frame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 6 : 8;
  const made = Buffer.allocUnsafe(start + length);
  made.writeUInt8(textFrame, 0);
  made.writeUInt8(0x80 | Math.min(length, 126), 1);
  if (length >= 126) made.writeUInt16BE(length, 2);
  maskKey.copy(made, start - 4);
  made.write(text, start);
  for (let index = 0; index < length; index += 1) {
    made[start + index] = (made[start + index] ?? 0) ^ (maskKey[index & 3] ?? 0);
  }
  return made;
}
