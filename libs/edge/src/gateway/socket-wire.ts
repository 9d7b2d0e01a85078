import type { Server as HttpServer } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { Server, Socket } from 'socket.io';
import { isTaken, writeNow } from '../connections/write-now.js';
import { type EnginePacket, textFrames, type TextPacket, textPacket } from './text-frames.js';

/** Volatile pushes wait above this, bytes. */
const slowBytes = 64 * 1024;
/** The socket is closed above this, bytes. */
const tooSlowBytes = 1024 * 1024;
/** Packets that wait for the transport to take them; each may be small. Volatile pushes wait above the first. */
const slowPackets = 1_000;
const tooManyPackets = 10_000;
/** A client that is closed is cut off once it has read nothing for so long, ms; ws alone waits 30 s for one that does not answer. */
const goodbyeMs = 3_000;
/** A client that reads on, but slowly, is cut off after so many of these times. */
const goodbyeTurns = 10;
/** Bytes that are written past engine.io: fewer than make a client slow, whose end of slowness engine.io tells. */
const mostAtOnce = slowBytes / 4;
/** Routes whose newest volatile push waits for the client to read. */
const maxNewest = 16;

interface Transport {
  /** False: what comes next waits in `writeBuffer` for a `flush`. */
  writable: boolean;
  /** ws', with the network's socket under a name of its own. */
  socket?: {
    bufferedAmount: number;
    pause(): void;
    resume(): void;
    terminate(): void;
    readonly _socket?: NetSocket;
  };
  send(packets: (EnginePacket | ReadyFrames)[]): void;
  /** `ready`: everything that the transport was given is in the kernel. */
  once(event: 'ready', listener: () => void): void;
}

/** A frame that engine.io passes on as it is: its own way for broadcasts. */
interface ReadyFrames {
  type: 'message';
  options: { wsPreEncodedFrame: Buffer[] };
}

interface EngineConnection {
  readyState: string;
  writeBuffer: EnginePacket[];
  /** Callbacks of the packets, for when they were sent. */
  packetsFn?: unknown[];
  transport: Transport;
  flush(): void;
}

/**
 * Sends ready JSON as a socket.io event. `emit` would parse and write again what came over NATS as text, and look through
 * it for binary. Source: the socket.io protocol 5, packet type EVENT (2) in the default namespace.
 */
export class SocketWire {
  private readonly connection: EngineConnection;
  /** Length of what waits in engine.io while the transport is busy. */
  private queued = 0;
  private newest?: Map<string, string>;
  /** Waits for socket.io's own first packet, without which a client takes none. */
  private early?: TextPacket[] = [];

  constructor(socket: Socket) {
    this.connection = socket.conn as unknown as EngineConnection;
  }

  /** To be called when socket.io is about to welcome the client: its packet leaves together with what waits for it. */
  beforeWelcome(): void {
    sendAtEndOfTurn(this.connection);
  }

  /** Sends what waited for socket.io's welcome. */
  afterWelcome(): void {
    const packets = this.early ?? [];
    this.early = undefined;
    for (const packet of packets) this.write(packet);
  }

  send(event: string, json: string): void {
    const { readyState, writeBuffer } = this.connection;
    if (readyState !== 'open') return;
    const isFirst = writeBuffer.length === 0 && !this.early?.length;
    const packet = packetOf(event, json);
    this.queued = (isFirst ? 0 : this.queued) + packet.bytes;
    if (this.early) this.early.push(packet);
    else this.write(packet);
  }

  /** An event as frames that the caller writes itself, at once; undefined where packets wait, which it must not overtake. */
  frameOf(event: string, json: string): Buffer | undefined {
    const { readyState, writeBuffer, transport } = this.connection;
    const isFree = readyState === 'open' && transport.writable && writeBuffer.length === 0 && !this.early;
    return isFree ? textFrames([packetOf(event, json)]) : undefined;
  }

  /** As engine.io's `write` does, but for its events: it is sent at the end of the turn at the earliest. */
  private write(packet: TextPacket): void {
    if (this.connection.readyState !== 'open') return;
    sendAtEndOfTurn(this.connection);
    this.connection.writeBuffer.push(packet);
  }

  /** socket.io has written a packet by itself, as an acknowledgement. */
  noteWritten(): void {
    const { writeBuffer } = this.connection;
    const data = writeBuffer.at(-1)?.data;
    const length = typeof data === 'string' ? data.length : 0;
    this.queued = (writeBuffer.length > 1 ? this.queued : 0) + length;
  }

  /** The latest wins: of a client that is behind, each route's newest push waits, and false says that it took another's place. */
  sendVolatile(json: string): boolean {
    if (this.pace === 'good') {
      this.send('Push', json);
      return true;
    }
    const route = json.slice(0, json.indexOf(',"data":'));
    if (!this.newest) {
      this.newest = new Map();
      void this.untilRead().then(() => this.sendNewest());
    }
    const isFirst = !this.newest.has(route) && this.newest.size < maxNewest;
    if (isFirst || this.newest.has(route)) this.newest.set(route, json);
    return isFirst;
  }

  /** How far the client is behind with reading. */
  get pace(): 'good' | 'slow' | 'too-slow' {
    const { writeBuffer, transport } = this.connection;
    const packets = writeBuffer.length + (this.early?.length ?? 0);
    const bytes = (transport.socket?.bufferedAmount ?? 0) + (packets === 0 ? 0 : this.queued);
    if (bytes > tooSlowBytes || packets > tooManyPackets) return 'too-slow';
    return bytes > slowBytes || packets > slowPackets ? 'slow' : 'good';
  }

  /** Resolves when the client has read enough again, which it may never do. */
  async untilRead(): Promise<void> {
    while (this.pace !== 'good') {
      await new Promise<void>((resolve) => this.connection.transport.once('ready', resolve));
    }
  }

  /** Takes nothing more from the client: what it has sent stays in the kernel. */
  stopReading(): void {
    this.connection.transport.socket?.pause();
  }

  readOn(): void {
    this.connection.transport.socket?.resume();
  }

  /** The client was told why: cuts the connection where it neither closes by itself nor reads on. */
  endSoon(turns = goodbyeTurns): void {
    const { socket } = this.connection.transport;
    const unread = socket?.bufferedAmount ?? 0;
    setTimeout(() => {
      const reads = (socket?.bufferedAmount ?? 0) < unread;
      if (reads && turns > 1) this.endSoon(turns - 1);
      else socket?.terminate();
    }, goodbyeMs).unref();
  }

  private sendNewest(): void {
    const { newest } = this;
    this.newest = undefined;
    for (const json of newest?.values() ?? []) this.send('Push', json);
  }
}

function packetOf(event: string, json: string): TextPacket {
  return textPacket(`2[${JSON.stringify(event)},${json}]`);
}

/**
 * Lets the packets that engine.io sends to a player at once go to the kernel as one buffer. By itself, ws makes two of each message
 * and a system call, and a resumed player gets many; and the handshake makes one of the upgrade's answer and one of
 * engine.io's first packet.
 */
export function sendTogether(http: HttpServer, io: Server): void {
  http.prependListener('upgrade', (_request, socket: NetSocket) => {
    socket.cork();
    setImmediate(() => socket.uncork());
  });
  io.engine.once('connection', ({ transport }: EngineConnection) => {
    const ofAll = Object.getPrototypeOf(transport) as Transport;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its transport below
    const { send } = ofAll;
    ofAll.send = function (this: Transport, packets: EnginePacket[]) {
      const frames = textFrames(packets);
      send.call(this, frames ? [{ type: 'message', options: { wsPreEncodedFrame: [frames] } }] : packets);
    };
  });
}

let held: EngineConnection[] = [];

/** Lets all that this turn of the event loop sends to a player leave as one, in one system call. */
function sendAtEndOfTurn(connection: EngineConnection): void {
  if (!connection.transport.writable) return;
  connection.transport.writable = false;
  if (held.push(connection) === 1) setImmediate(flushHeld);
}

function flushHeld(): void {
  const all = held;
  held = [];
  for (const connection of all) {
    connection.transport.writable = true;
    if (!writeAtOnce(connection)) connection.flush();
  }
}

/**
 * Writes what waits past engine.io, ws and Node's stream (decision 419), as the pings are (decision 426). False: the client is behind with reading, or
 * engine.io has more to do than to write text. So at most one such write is on its way, and `ready` is told for all that comes after it,
 * and for as many packets as make a client slow: somebody may wait for it.
 */
function writeAtOnce(connection: EngineConnection): boolean {
  const { readyState, writeBuffer, packetsFn, transport } = connection;
  const network = transport.socket?._socket;
  const isFree = readyState === 'open' && network?.writableLength === 0 && packetsFn?.length === 0;
  if (!isFree || !isTaken(network) || writeBuffer.length === 0 || writeBuffer.length > slowPackets)
    return false;
  const frames = textFrames(writeBuffer);
  if (!frames || frames.length > mostAtOnce) return false;
  connection.writeBuffer = [];
  writeNow(network, frames);
  return true;
}
