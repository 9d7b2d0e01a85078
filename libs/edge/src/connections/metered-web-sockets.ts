import type { IncomingMessage } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Connection } from './connection.js';

/** Frames of one message; clients of 64 KB messages need one. */
const maxFragments = 64;

/** The WebSocket server for engine.io's `wsEngine`, whose every frame is paid for by its connection. */
export function meteredWebSockets(connectionOf: (socket: NetSocket) => Connection): typeof WebSocketServer {
  return class extends WebSocketServer {
    constructor(options?: ServerOptions) {
      // Pings are answered by the connection, as long as its client reads.
      super({ ...options, maxFragments, autoPong: false });
    }

    override handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      callback: (client: WebSocket, request: IncomingMessage) => void,
    ): void {
      super.handleUpgrade(request, socket, head, (client, upgraded) => {
        connectionOf(socket as NetSocket).upgrade(client);
        callback(client, upgraded);
      });
    }
  } as typeof WebSocketServer;
}
