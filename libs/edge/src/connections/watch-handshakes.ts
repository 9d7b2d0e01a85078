import type { IncomingMessage } from 'node:http';
import type { Server } from 'socket.io';
import type { Connection, EngineConnection } from './connection.js';
import type { FrontDoor } from './front-door.js';
import type { Heartbeats } from './heartbeats.js';

interface NewConnection extends EngineConnection {
  /** Null once the handshake was read. */
  request: IncomingMessage | null;
  close(): void;
}

interface EnginePacket {
  type: string;
  data?: unknown;
}

/** The packets that socket.io knows. It reads the first letter as a number, so that a space, too, would begin a CONNECT. */
const knownPacket = /^[0-6]/;
/** socket.io's CONNECT, for the default namespace alone: `0{"token":…}`. Source: the socket.io protocol 5. */
const connectPacket = /^0(?!\/[^,])/;

/**
 * socket.io's packets with binary attachments: it keeps one until the last of these has come, which may be never. No message of the protocol
 * has any, so that a short one with one attachment is enough to be told INVALID.
 */
const binaryPacket = /^[56]/;
const shortBinaryPacket = /^[56]1-[^]{0,4096}$/;

/**
 * Gives the connection that a socket of engine.io speaks over, also where that has ended: what came before its end may be read after it.
 * Never throws where it came in by the front door: socket.io would leave the error to nobody, and the process would end.
 */
export type ConnectionOf = (engine: object) => Connection;

/** A connection gets one handshake, for the default namespace: another one ends it. It is pinged from its beginning on. */
export function watchHandshakes(io: Server, frontDoor: FrontDoor, heartbeats: Heartbeats): ConnectionOf {
  const connections = new WeakMap<object, Connection>();
  io.engine.on('connection', (engine: NewConnection) => {
    if (!engine.request) return;
    const connection = frontDoor.connectionOf(engine.request.socket);
    connections.set(engine, connection);
    connection.carryEngine(engine);
    heartbeats.addConnection(connection);
    engine.on('packet', (packet: EnginePacket) => watchPacket(engine, connection, packet));
  });
  return (engine) => {
    const connection = connections.get(engine);
    if (!connection) throw new Error('The socket did not come in by the front door');
    return connection;
  };
}

function watchPacket(engine: NewConnection, connection: Connection, { type, data }: EnginePacket): void {
  if (type === 'pong') connection.receivePong();
  if (type !== 'message' || typeof data !== 'string') return;
  if (!knownPacket.test(data) || (binaryPacket.test(data) && !shortBinaryPacket.test(data)))
    return engine.close();
  if (!data.startsWith('0')) return;
  const isFirst = engine.request !== null && connection.beginHandshake();
  if (!isFirst || !connectPacket.test(data)) engine.close();
}
