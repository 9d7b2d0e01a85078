import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/nats-core';

/** The part of nats.js that writes, under names of its own. */
interface Transport {
  socket?: Socket;
  send(frame: Uint8Array): void;
}

const patched = new WeakSet<Transport>();

/**
 * All that is published in one turn of the event loop goes to NATS in one system call. By itself, nats.js writes once a
 * microtask queue, which is once a player's socket that was read: a connector of 500 players forwards twice as much with
 * this (docs/sessions.md). A process with nothing but its NATS connection wins nothing, so it is an option.
 */
export function coalesceWrites(nats: NatsConnection): void {
  const { transport } = (nats as unknown as { protocol?: { transport?: Transport } }).protocol ?? {};
  if (typeof transport?.send !== 'function' || typeof transport.socket?.cork !== 'function') {
    // Another nats.js than the one this was written for: slower, and as right.
    return;
  }
  // Each reconnect makes a new transport.
  const all = Object.getPrototypeOf(transport) as Transport;
  if (patched.has(all)) return;
  patched.add(all);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its transport below
  const { send } = all;
  all.send = function (this: Transport, frame) {
    const { socket } = this;
    if (socket && socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    send.call(this, frame);
  };
}
