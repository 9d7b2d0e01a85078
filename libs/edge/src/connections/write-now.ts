import { Socket as NetSocket } from 'node:net';

const ignore = (): void => undefined;

/**
 * Writes a few bytes at once, such as a ping. Where nothing waits to be written they go past Node's stream, which makes objects of each write,
 * two of them for a later turn. Nobody hears of a failure: it shows when the socket is read, and by what isn't answered.
 */
export function writeNow(socket: NetSocket, bytes: Buffer): void {
  if (socket instanceof NetSocket && socket.writable && socket.writableLength === 0) {
    socket._write(bytes, 'buffer' as BufferEncoding, ignore);
  } else socket.write(bytes);
}
