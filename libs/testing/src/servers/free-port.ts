import { createServer } from 'node:net';

/** Below the ports of outgoing connections, any of which would take a port that was free a moment ago. */
const lowest = 10_000;
const count = 20_000;

/** Where this process looks next: one after the other, so that what it gave away isn't given away again. */
let next = Math.floor(Math.random() * count);

/** A TCP port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + next;
    next = (next + 1) % count;
    if (await isPortFree(port)) return port;
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
