import { Socket as NetSocket } from 'node:net';

// Reaches behind Node's public interface: `onread` of node:net, which only a socket that is made by hand can be given. Decision 404 says
// why. Where a later Node has something else there, chunks come as ever.

/** As much as Node reads at once. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);
/** The beginnings of the shared bytes, by length: those of a pong and of most messages. */
const views: Buffer[] = [];
const longestKept = 1_024;

interface Handle {
  useUserBuffer?(bytes: Buffer): void;
}

/** The names under which a socket keeps what it was given as `onread`. */
const names = findNames();

/**
 * Lets a socket's chunks come in one buffer that all sockets of this process share. By itself, Node makes a buffer of 64 KB for each, gives
 * most of it back, and leaves the rest to the garbage collector: for seven bytes of a pong, too.
 *
 * @param receive gets each chunk before anything else is read: what is to last longer has to be {@link ownBytes}. It is not called while
 *   the socket rests, or has something unread: that goes the usual way
 */
export function shareReads(socket: NetSocket, receive: (chunk: Buffer) => void): void {
  const { _handle: handle } = socket as { _handle?: Handle };
  if (!names || typeof handle?.useUserBuffer !== 'function') return;
  handle.useUserBuffer(shared);
  Object.assign(socket, {
    [names.buffer]: shared,
    [names.nextBuffer]: null,
    [names.callback]: (length: number): boolean => {
      const chunk = viewOf(length);
      if (!socket.readableFlowing || socket.readableLength > 0) return socket.push(ownBytes(chunk));
      receive(chunk);
      return true;
    },
  });
}

/** Bytes that nothing writes over: the same, or a copy of shared ones. */
export function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer !== shared.buffer) return bytes;
  // Not of Buffer's pool: one byte of it would keep 8 KB alive.
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

function viewOf(length: number): Buffer {
  if (length > longestKept) return shared.subarray(0, length);
  return (views[length] ??= shared.subarray(0, length));
}

function findNames(): { buffer: symbol; nextBuffer: symbol; callback: symbol } | undefined {
  const probe = new NetSocket({ onread: { buffer: shared, callback: () => true } } as object);
  const own = Object.getOwnPropertySymbols(probe);
  const [buffer, nextBuffer, callback] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
    own.find(({ description }) => description === name),
  );
  return buffer && nextBuffer && callback ? { buffer, nextBuffer, callback } : undefined;
}
