import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocket } from 'ws';
import { PingGrace } from './ping-grace.js';

/** Nothing of this process runs meanwhile, as in a long garbage collection or SIGSTOP. */
const holdUp = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Opens a plain engine.io client that answers pings, holds everything up right after one, and gives the reasons of closed connections. */
async function closedAfterPause(hasGrace: boolean): Promise<string[]> {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], pingInterval: 300, pingTimeout: 600 });
  const grace = hasGrace ? new PingGrace(io) : undefined;
  const reasons: string[] = [];
  io.on('connection', (socket) => socket.on('disconnect', (reason) => reasons.push(reason)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(
    `ws://127.0.0.1:${(http.address() as AddressInfo).port}/socket.io/?EIO=4&transport=websocket`,
  );
  let pings = 0;
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('close', () => resolve());
    client.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('0')) client.send('40');
      if (text !== '2') return;
      client.send('3');
      pings += 1;
      if (pings === 2) holdUp(2_000);
      if (pings === 4) resolve();
    });
  });
  client.terminate();
  grace?.stop();
  await io.close();
  return reasons.filter((reason) => reason === 'ping timeout');
}

describe('a server that was held up', () => {
  it('does not take clients for dead whose answers it could not read', async () => {
    expect(await closedAfterPause(true)).toEqual([]);
  });

  it('would, by engine.io alone', async () => {
    expect(await closedAfterPause(false)).toEqual(['ping timeout']);
  });
});
