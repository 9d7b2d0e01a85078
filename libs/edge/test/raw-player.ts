import { connect, type Socket } from 'node:net';
import { tokenOf } from '@ccgame/testing';

const mask = Buffer.from([1, 2, 3, 4]);
const pong = clientFrame('3');
/** engine.io's ping, as the server sends it. */
export const ping = Buffer.from([0x81, 1, 0x32]);

function clientFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([
    Buffer.from([0x81, ...head]),
    mask,
    bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  ]);
}

/** A player on a bare TCP connection, who answers engine.io's pings as it is told. */
export class RawPlayer {
  readonly pinged: Promise<void>;
  /** The server has told it so. */
  readonly closed: Promise<void>;
  isClosed = false;
  /** All that came, by piece of the network. */
  readonly pieces: Buffer[] = [];
  private tellClosed: () => void = () => undefined;
  private pings = 0;
  private readonly tcp: Socket;

  /** @param answer the pieces of the pong, which are sent one by one */
  constructor(
    port: number,
    playerId: string,
    private readonly answer: (pong: Buffer) => Buffer[],
  ) {
    this.tcp = connect({ port, host: '127.0.0.1', noDelay: true });
    this.tcp.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGlnaHQtY2xpZW50LWtleQ==\r\n\r\n',
    );
    this.tcp.once('data', () => this.tcp.write(clientFrame(`40{"token":"${tokenOf(playerId)}"}`)));
    this.pinged = this.untilPings(1);
    this.tcp.on('data', (bytes) => void this.receive(bytes));
    this.tcp.on('error', () => undefined);
    this.closed = new Promise((resolve) => (this.tellClosed = resolve));
  }

  async untilPings(count: number): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (this.pings < count) {
      if (Date.now() > deadline) throw new Error(`${this.pings} pings in 30 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  end(): void {
    this.tcp.destroy();
  }

  private async receive(bytes: Buffer): Promise<void> {
    this.pieces.push(bytes);
    // The server's close frame: all else that it sends is ASCII.
    if (bytes.includes(0x88)) {
      this.isClosed = true;
      this.tellClosed();
    }
    if (!bytes.includes(ping)) return;
    this.pings += 1;
    for (const piece of this.answer(pong)) {
      this.tcp.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
