import type { IncomingMessage } from 'node:http';
import type { Server } from 'socket.io';
import type { FrontDoor } from './front-door.js';

interface EngineConnection extends NodeJS.EventEmitter {
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

/** A connection gets one handshake, for the default namespace: another one ends it. */
export function watchHandshakes(io: Server, frontDoor: FrontDoor): void {
  const watch = function (this: EngineConnection, { type, data }: EnginePacket): void {
    if (type !== 'message' || typeof data !== 'string' || !data.startsWith('0')) return;
    const isFirst = this.request !== null && frontDoor.connectionOf(this.request.socket).beginHandshake();
    if (!isFirst || !connectPacket.test(data)) this.close();
  };
  io.engine.on('connection', (connection: EngineConnection) => connection.on('packet', watch));
}
