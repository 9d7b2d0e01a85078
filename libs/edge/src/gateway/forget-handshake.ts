import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'socket.io';

const forgotten = Object.freeze({ headers: {}, query: {}, auth: {} });

/** Lets go of what socket.io keeps of each handshake for its own API, 4 KB a player. To be called once it was read. */
export function forgetHandshake(socket: Socket): void {
  (socket.conn as { request: unknown }).request = null;
  (socket as { handshake: unknown }).handshake = forgotten;
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
