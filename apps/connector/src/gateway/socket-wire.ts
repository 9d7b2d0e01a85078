import type { Socket as NetSocket } from 'node:net';
import type { Server, Socket } from 'socket.io';

/** Volatile pushes are dropped above this, bytes. */
const slowBytes = 64 * 1024;
/** The socket is closed above this, bytes. */
const tooSlowBytes = 1024 * 1024;
/** Packets that wait for the transport to take them; each may be small. */
const tooManyPackets = 10_000;

interface Transport {
  socket?: { bufferedAmount: number; _socket?: NetSocket };
  send(packets: unknown[]): void;
}

interface EngineConnection {
  readyState: string;
  writeBuffer: unknown[];
  transport: Transport;
  write(data: string): void;
}

/**
 * Sends ready JSON as a socket.io event. `emit` would parse and write again what came over NATS as text, and look through
 * it for binary. Source: the socket.io protocol 5, packet type EVENT (2) in the default namespace.
 */
export class SocketWire {
  private readonly connection: EngineConnection;

  constructor(socket: Socket) {
    this.connection = socket.conn as unknown as EngineConnection;
  }

  send(event: 'Push' | 'Response', json: string): void {
    if (this.connection.readyState === 'open') this.connection.write(`2["${event}",${json}]`);
  }

  /** How far the client is behind with reading. */
  get pace(): 'good' | 'slow' | 'too-slow' {
    const { writeBuffer, transport } = this.connection;
    const bytes = transport.socket?.bufferedAmount ?? 0;
    if (bytes > tooSlowBytes || writeBuffer.length > tooManyPackets) return 'too-slow';
    return bytes > slowBytes || writeBuffer.length > tooManyPackets / 10 ? 'slow' : 'good';
  }
}

/** What socket.io keeps of each handshake for its own API, 3-4 KB a player, is let go. To be called once it was read. */
export function forgetHandshake(socket: Socket): void {
  (socket.conn as { request: unknown }).request = null;
  Object.assign(socket.handshake, { headers: {}, query: {}, auth: {} });
}

/**
 * What engine.io sends to a player at once goes to the kernel at once. By itself, ws makes a system call of each message,
 * and a resumed player gets many.
 */
export function sendTogether(io: Server): void {
  io.engine.once('connection', ({ transport }: EngineConnection) => {
    const ofAll = Object.getPrototypeOf(transport) as Transport;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its transport below
    const { send } = ofAll;
    ofAll.send = function (this: Transport, packets) {
      const raw = packets.length > 1 ? this.socket?._socket : undefined;
      raw?.cork();
      send.call(this, packets);
      raw?.uncork();
    };
  });
}
