import { Socket as NetSocket } from 'node:net';

/** Sockets with bytes that the kernel has not taken yet, and their streams don't know of. */
const behind = new WeakSet<NetSocket>();

/** Whether the kernel has taken all that was written by {@link writeNow}. */
export function isTaken(socket: NetSocket): boolean {
  return !behind.has(socket);
}

/**
 * Writes at once, a ping or a turn's answers. Where nothing waits to be written they go past Node's stream, which makes objects of each write,
 * two of them for a later turn. A failure ends the connection, as the stream's own do.
 */
export function writeNow(socket: NetSocket, bytes: Buffer): void {
  const isFree = socket instanceof NetSocket && socket.writable && socket.writableLength === 0;
  if (!isFree || behind.has(socket)) return void socket.write(bytes);
  let isDone = false;
  socket._write(bytes, 'buffer' as BufferEncoding, (error) => {
    isDone = true;
    behind.delete(socket);
    if (error) socket.destroy(error);
  });
  if (!isDone) behind.add(socket);
}
