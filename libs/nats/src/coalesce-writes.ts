import type { NatsConnection } from '@nats-io/nats-core';

/** The part of nats.js that writes, under names of its own. */
interface Transport {
  send(frame: Uint8Array): void;
  /** As `send`; resolves when it was written. */
  _send(frame: Uint8Array): Promise<void>;
  close(error?: Error): Promise<void>;
  /** All that this turn of the event loop has sent. */
  gathered?: Uint8Array[];
}

const patched = new WeakSet<Transport>();

/**
 * All that is published in one turn of the event loop goes to NATS in one write. By itself, nats.js writes once a
 * microtask queue, which is once a player's socket that was read: a connector of 500 players forwards twice as much with
 * this (docs/sessions.md). A process with nothing but its NATS connection wins nothing, so it is an option.
 */
export function coalesceWrites(nats: NatsConnection): void {
  const { transport } = (nats as unknown as { protocol?: { transport?: Transport } }).protocol ?? {};
  if (typeof transport?.send !== 'function' || typeof transport._send !== 'function') {
    // Another nats.js than the one this was written for: slower, and as right.
    return;
  }
  // Each reconnect makes a new transport.
  const all = Object.getPrototypeOf(transport) as Transport;
  if (patched.has(all)) return;
  patched.add(all);
  /* eslint-disable @typescript-eslint/unbound-method -- called with their transport below */
  const { send, _send, close } = all;
  /* eslint-enable @typescript-eslint/unbound-method */
  const writeGathered = (to: Transport): void => {
    const { gathered } = to;
    to.gathered = undefined;
    if (gathered) send.call(to, gathered.length === 1 ? gathered[0] : Buffer.concat(gathered));
  };
  all.send = function (this: Transport, frame) {
    if (this.gathered) return void this.gathered.push(frame);
    this.gathered = [frame];
    setImmediate(() => writeGathered(this));
  };
  // It ends the connection at once.
  all.close = function (this: Transport, error) {
    writeGathered(this);
    return close.call(this, error);
  };
  // One that is left for a new one writes a last frame by this, and waits for it.
  all._send = function (this: Transport, frame) {
    writeGathered(this);
    return _send.call(this, frame);
  };
}
