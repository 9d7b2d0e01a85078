import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { NatsConnection } from '@nats-io/nats-core';
import { GatheredBytes } from './gathered-bytes.js';

/** A NATS that takes nothing is waited for so long before its connection is left, ms. */
const patienceMs = 1_000;

/** Messages that may wait are written so long after the write before, ms (decision 433). */
const gatherMs = 4;
let mayWait = false;

/** The parts of nats.js that write, under names of its own. */
interface Transport {
  socket?: Socket;
  isClosed: boolean;
  send: (frame: string | Uint8Array) => void;
  /** As `send`; resolves when it was written. */
  _send: (frame: Uint8Array) => Promise<void>;
  close: (error?: Error) => Promise<void>;
}
interface Protocol {
  transport: Transport;
  connected: boolean;
  sendCommand: (command: string | Uint8Array, ...payloads: Uint8Array[]) => void;
  /** Makes the transport of the next connection. */
  prepare: () => Promise<void>;
}

/**
 * Lets what is published go to NATS in one write, of bytes that were copied once. By itself, nats.js makes a dozen objects of a message, two of
 * which AsyncLocalStorage follows on Node 20 (decision 416), and writes once a microtask queue, which is once a player's socket that was read.
 *
 * @param ofTurn all that one turn of the event loop publishes is one write: a connector of 500 players forwards twice as much with it
 *   (docs/sessions.md). False: all of a microtask queue, as nats.js has it
 */
export function coalesceWrites(nats: NatsConnection, ofTurn: boolean): void {
  const { protocol } = nats as unknown as { protocol?: Protocol };
  // Another nats.js than the one this was written for: slower, and as right.
  if (!protocol || !isKnown(protocol)) return;
  const { prepare, sendCommand } = protocol;
  protocol.prepare = function (this: Protocol) {
    const prepared = prepare.call(this);
    gatherFrames(this.transport, ofTurn);
    return prepared;
  };
  protocol.sendCommand = function (this: Protocol, command, ...payloads) {
    // Until there is a connection, commands wait in nats.js.
    if (!this.connected) return sendCommand.call(this, command, ...payloads);
    this.transport.send(command);
    for (const payload of payloads) this.transport.send(payload);
  };
  gatherFrames(protocol.transport, ofTurn);
}

/**
 * Messages that `publish` publishes at once may wait for more, where a connection writes all of a turn together: they are written with the
 * next one that may not wait, or 4 ms after the write before.
 */
export function publishPatiently<T>(publish: () => T): T {
  mayWait = true;
  try {
    return publish();
  } finally {
    mayWait = false;
  }
}

function isKnown({ transport, sendCommand, prepare }: Protocol): boolean {
  const parts = [transport?.send, transport?._send, transport?.close, sendCommand, prepare];
  return parts.every((part) => typeof part === 'function');
}

function gatherFrames(transport: Transport, ofTurn: boolean): void {
  const gathered = new GatheredBytes();
  let timer: NodeJS.Timeout | undefined;
  let isPlanned = false;
  let writtenAt = -Infinity;
  const writeGathered = (): void => {
    clearTimeout(timer);
    timer = undefined;
    isPlanned = false;
    if (gathered.isEmpty) return;
    writtenAt = performance.now();
    const { socket } = transport;
    gathered.sendAll(isBehind(transport) || isTls(socket), (bytes) => {
      // As nats.js does: the socket's own end tells of a write that failed.
      if (!transport.isClosed) socket?.write(bytes);
      return !isBehind(transport);
    });
  };
  const planWrite = (): void => {
    const waitMs = mayWait && ofTurn ? writtenAt + gatherMs - performance.now() : 0;
    if (waitMs > 0) {
      timer ??= setTimeout(writeGathered, waitMs);
      return;
    }
    isPlanned = true;
    if (ofTurn) setImmediate(writeGathered);
    else queueMicrotask(writeGathered);
  };
  const { _send, close } = transport;
  transport.send = (frame) => {
    if (!isPlanned) planWrite();
    gathered.add(frame);
  };
  // A transport that is closed ends the connection at once.
  transport.close = (error) => {
    writeGathered();
    return close.call(transport, error);
  };
  // A transport that is left for a new one writes a last frame by this, and waits for it: for ever, where NATS takes nothing any more.
  transport._send = (frame) => {
    writeGathered();
    const sent = _send.call(transport, frame);
    return isBehind(transport) ? withinPatience(sent) : sent;
  };
}

/** The kernel has not taken all that was written. */
function isBehind({ socket }: Transport): boolean {
  return socket !== undefined && socket.writableLength > 0;
}

/** Node encrypts what is written, and needs it until later, however little that is. */
function isTls(socket: Socket | undefined): boolean {
  return socket instanceof TLSSocket;
}

async function withinPatience(sent: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
  await Promise.race([sent, patience]).finally(() => clearTimeout(timer));
}
