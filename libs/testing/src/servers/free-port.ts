import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the ports of outgoing connections, any of which would take a port that was free a moment ago. */
const lowest = 10_000;
const count = 20_000;

/** Where this process looks next: one after the other, so that what it gave away isn't given away again. */
let next = Math.floor(Math.random() * count);

/** A TCP port that nobody listened on a moment ago, and that no other process gets from here while this one runs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + next;
    next = (next + 1) % count;
    if ((await isPortFree(port)) && (await reservePort(port))) return port;
  }
}

/** True when a server of this machine could listen on the port now, on all addresses. */
function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** Holds the UDP port of the same number: a mark that all processes see, and that goes with this one. */
function reservePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const mark = createSocket('udp4');
    mark.once('error', () => mark.close(() => resolve(false)));
    mark.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
    mark.unref();
  });
}
