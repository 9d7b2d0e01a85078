import { NodeWebSocket, NodeXHR, WebSocket, XHR } from 'engine.io-client';
import { ClientError } from './errors.js';
import type { Platform } from './platform.js';

// Imported of engine.io-client itself: socket.io-client's CommonJS build, which Jest takes, exports none.
type Transport = typeof WebSocket;

/** Whether there is a WebSocket: given, of the platform, or of Node's `ws`, which socket.io-client brings there. */
export function hasWebSocket({ webSocket }: Platform): boolean {
  return webSocket !== undefined || hasWs || typeof globalThis.WebSocket === 'function';
}

/** HTTP long-polling over the platform's XMLHttpRequest, or Node's HTTP. */
export function pollingTransport(): typeof XHR {
  return hasWs ? NodeXHR : XHR;
}

/** Bundlers for browsers put one in the place of the other. */
const hasWs = (NodeWebSocket as unknown) !== WebSocket;

/**
 * socket.io's transport over the platform's WebSocket, or the given one.
 *
 * @param withinMs how long the socket is waited for, asked where it is made
 * @param onMistake told when its constructor throws, which engine.io-client 6.6 does not hear. The network's failures come as events: it
 * would throw at the next try as well.
 */
export function transportOf(
  { webSocket }: Platform,
  withinMs: () => number,
  onMistake: (error: ClientError) => void,
): Transport {
  const Base: Transport = webSocket || !hasWs ? WebSocket : NodeWebSocket;
  return class extends Base {
    override createSocket(...args: Parameters<InstanceType<Transport>['createSocket']>): unknown {
      try {
        if (!webSocket) return super.createSocket(...args) as unknown;
        const Chosen = webSocket.within?.(withinMs()) ?? webSocket;
        return new Chosen(args[0]);
      } catch (error) {
        // When the transport stands.
        void Promise.resolve().then(() => onMistake(new ClientError('DEFECT', {}, error)));
        throw error;
      }
    }
  };
}
