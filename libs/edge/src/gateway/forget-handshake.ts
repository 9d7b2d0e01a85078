import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'socket.io';

const forgotten = Object.freeze({ headers: {}, query: {}, auth: {} });

/** Lets go of what socket.io keeps of each handshake for its own API, 4 KB a player. To be called once it was read. */
export function forgetHandshake(socket: Socket): void {
  (socket.conn as { request: unknown }).request = null;
  (socket as { handshake: unknown }).handshake = forgotten;
}

type Lists = Record<string, unknown>;

interface Emitter {
  _events?: Lists;
}

/** The lists of listeners of one player's connection, from socket.io's socket to the kernel's. */
interface Listened extends Emitter {
  _anyListeners?: unknown[];
  client: { decoder: { _callbacks?: Lists } };
  conn: Emitter & {
    cleanupFn: unknown[];
    transport: Emitter & { socket?: Emitter & { _socket?: Emitter } };
  };
}

/** Makes lists of listeners as long as they have to be, 0.8 KB a player: one that was pushed to has places for 17. To be called when all listen. */
export function trimListeners(socket: Socket): void {
  const listened = socket as unknown as Listened;
  const { client, conn } = listened;
  const { socket: webSocket } = conn.transport;
  listened._anyListeners = listened._anyListeners?.slice();
  conn.cleanupFn = conn.cleanupFn.slice();
  for (const emitter of [listened, conn, conn.transport, webSocket, webSocket?._socket])
    trim(emitter?._events);
  trim(client.decoder._callbacks);
}

function trim(lists: Lists = {}): void {
  for (const [name, list] of Object.entries(lists)) if (Array.isArray(list)) lists[name] = list.slice();
}

/**
 * Lets go of each request for a WebSocket: engine.io keeps it for middlewares that wait for the end of the answer, as long as the
 * connection lasts.
 */
export function forgetUpgrades(io: Server): void {
  io.engine.use(({ socket }: IncomingMessage, response: object, next: () => void) => {
    // The response that a middleware gets has added its listener just before.
    const [added] = socket.rawListeners('close').slice(-1);
    const isItsOwn = response.constructor.name === 'WebSocketResponse';
    if (added && isItsOwn) socket.off('close', added as () => void);
    next();
  });
}
