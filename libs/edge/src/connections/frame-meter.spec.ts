import type { Socket as NetSocket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { WebSocket } from 'ws';
import { ReadingBudget } from '../limits/reading-budget.js';
import { ConnectionBudget } from './connection-budget.js';
import { FrameMeter } from './frame-meter.js';

/** A client's WebSocket ping without a payload, under a mask of zeros. Source: RFC 6455, 5.2. */
const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the meter of frames', () => {
  it.each([
    ['without an account', false],
    ['with an account', true],
  ])('decodes little of twenty floods %s in each turn of the event loop', async (_, hasAccount) => {
    let decoded = 0;
    const sockets = Array.from({ length: 20 }, () => {
      const socket = new PassThrough({ highWaterMark: 256 * 1024 });
      socket.on('data', (bytes: Buffer) => (decoded += bytes.length / ping.length));
      const budget = new ConnectionBudget();
      if (hasAccount) budget.openSession(new ReadingBudget());
      const connection = { cutOff: () => undefined, receivePong: () => undefined, takesMessages: false };
      new FrameMeter(
        socket as unknown as NetSocket,
        { readyState: 1, isPaused: false } as unknown as WebSocket,
        budget,
        { ...connection, receiveMessage: () => undefined },
      );
      return socket;
    });
    await nextTurn();
    for (const socket of sockets) socket.write(Buffer.concat(new Array<Buffer>(10_000).fill(ping)));
    // Each has a share of the turn in which its first bytes come.
    await nextTurn();
    await nextTurn();
    const most: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const before = decoded;
      await nextTurn();
      most.push(decoded - before);
    }
    expect(Math.max(...most)).toBeGreaterThan(0);
    expect(Math.max(...most)).toBeLessThan(10);
    for (const socket of sockets) socket.destroy();
  });
});
