import type { Socket as NetSocket } from 'node:net';
import { parseRequestHead, type RequestHead } from './request-head.js';

/** Bytes of a request's head, and the chunks that it may come in. */
const maxBytes = 16 * 1024;
const maxChunks = 64;

/**
 * Reads a connection's first request and then no more. `bytes` are all that have come: those after the head belong to what
 * follows. Without a head: the client sent none, or too much.
 */
export function readHead(
  socket: NetSocket,
  done: (head: RequestHead | undefined, bytes: Buffer) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  let chunks = 0;
  const receive = (chunk: Buffer): void => {
    bytes = chunks === 0 ? chunk : Buffer.concat([bytes, chunk]);
    chunks += 1;
    const head = parseRequestHead(bytes);
    const isTooMuch = (head?.length ?? bytes.length) > maxBytes || chunks > maxChunks;
    if (!head && !isTooMuch) return;
    socket.off('data', receive);
    socket.pause();
    done(isTooMuch ? undefined : head, bytes);
  };
  socket.on('data', receive);
}
