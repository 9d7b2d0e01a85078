import { connect, type Socket } from 'node:net';

const upgrade =
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: game\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const opcodes = { continuation: 0, text: 1, ping: 9 };
const finalFlag = 0x80;
const maskFlag = 0x80;

/** The message that each flood repeats; floods with a token begin after a good handshake. */
const floods = {
  /** engine.io's pong. */
  pongs: { bytes: () => frame(opcodes.text, '3'), needsToken: false },
  /** socket.io's CONNECT. */
  connects: { bytes: () => frame(opcodes.text, '40{"token":"x"}'), needsToken: false },
  /** Whole HTTP requests, many at once. */
  http: { bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: game\r\n\r\n'), needsToken: false },
  /** Pieces of one message that never ends. */
  fragments: { bytes: () => frame(opcodes.continuation, '', 0), needsToken: true },
  /** socket.io's acknowledgement of nothing. */
  acks: { bytes: () => frame(opcodes.text, '430[]'), needsToken: true },
  /** The WebSocket's own, by a client that never reads. */
  pings: { bytes: () => frame(opcodes.ping, 'x'.repeat(125)), needsToken: true },
};

/** A way to flood a connector. */
export type FloodKind = keyof typeof floods;

/** All ways to flood a connector. */
export const floodKinds = Object.keys(floods) as FloodKind[];

export interface FlooderOptions {
  /** Connects again at once when it is cut off; true by default. */
  doesReturn?: boolean;
  /** Comes as the others do, and sends nothing then: what its coming alone costs. */
  isSilent?: boolean;
}

/** A client that sends one thing as fast as the network takes it. */
export class Flooder {
  /** Connections that were opened, and that the other side ended. */
  opened = 0;
  ended = 0;
  /** Bytes of the flood that the network took. */
  sent = 0;
  private socket?: Socket;
  private isStopped = false;
  private readonly block: Buffer;
  private readonly needsToken: boolean;
  private readonly doesReturn: boolean;
  readonly isSilent: boolean;

  constructor(
    private readonly port: number,
    kind: FloodKind,
    private readonly token: string,
    { doesReturn = true, isSilent = false }: FlooderOptions = {},
  ) {
    this.doesReturn = doesReturn;
    this.isSilent = isSilent;
    const { bytes, needsToken } = floods[kind];
    const one = bytes();
    this.needsToken = needsToken;
    this.block = Buffer.concat(new Array<Buffer>(Math.floor(65_536 / one.length)).fill(one));
    this.open(kind);
  }

  stop(): void {
    this.isStopped = true;
    this.socket?.destroy();
  }

  private open(kind: FloodKind): void {
    this.opened += 1;
    const socket = connect(this.port, '127.0.0.1');
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.ended += 1;
      if (!this.isStopped && this.doesReturn) setTimeout(() => this.isStopped || this.open(kind), 1);
    });
    if (kind === 'http') return void this.flood(socket);
    // Together: a client need not wait for the answer.
    const connectPacket = frame(opcodes.text, `40${JSON.stringify({ token: this.token })}`);
    socket.write(this.needsToken ? Buffer.concat([Buffer.from(upgrade), connectPacket]) : upgrade);
    socket.on('data', (chunk) => {
      if (!chunk.includes(this.needsToken ? '40{"sid"' : '0{"sid"')) return;
      socket.removeAllListeners('data');
      if (kind === 'pings') socket.pause();
      else socket.resume();
      if (kind === 'fragments') socket.write(frame(opcodes.text, '4', 0));
      this.flood(socket);
    });
  }

  private flood(socket: Socket): void {
    if (socket.destroyed || this.isSilent) return;
    socket.write(this.block, (error) => {
      if (error) return;
      this.sent += this.block.length;
      this.flood(socket);
    });
  }
}

/** A client's frame of less than 64 KB, under a mask of zeros. Source: RFC 6455, 5.2. */
function frame(opcode: number, text: string, final = finalFlag): Buffer {
  const length = Buffer.byteLength(text);
  const lengths = length < 126 ? [maskFlag | length] : [maskFlag | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([final | opcode, ...lengths, 0, 0, 0, 0]), Buffer.from(text)]);
}
