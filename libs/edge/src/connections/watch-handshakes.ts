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

/** socket.io's CONNECT, for the default namespace alone: `0{"token":…}`. Source: the socket.io protocol 5. */
const connectPacket = /^0(?!\/[^,])/;

/**
 * socket.io's packets with binary attachments: it keeps one until the last of these has come, which may be never. No message of the protocol
 * has any, so that a short one with one attachment is enough to be told INVALID.
 */
const binaryPacket = /^[56]/;
const shortBinaryPacket = /^[56]1-[^]{0,4096}$/;

/** A connection gets one handshake, for the default namespace: another one ends it. It is pinged from its beginning on. */
export function watchHandshakes(io: Server, frontDoor: FrontDoor, heartbeats: Heartbeats): void {
  io.engine.on('connection', (engine: NewConnection) => {
    if (!engine.request) return;
    const connection = frontDoor.connectionOf(engine.request.socket);
    connection.carryEngine(engine);
    heartbeats.addConnection(connection);
    engine.on('packet', (packet: EnginePacket) => watchPacket(engine, connection, packet));
  });
}

function watchPacket(engine: NewConnection, connection: Connection, { type, data }: EnginePacket): void {
  if (type === 'pong') connection.receivePong();
  if (type !== 'message' || typeof data !== 'string') return;
  if (binaryPacket.test(data) && !shortBinaryPacket.test(data)) return engine.close();
  if (!data.startsWith('0')) return;
  const isFirst = engine.request !== null && connection.beginHandshake();
  if (!isFirst || !connectPacket.test(data)) engine.close();
}
