import type { Socket as NetSocket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { WebSocket } from 'ws';
import { ReadingBudget } from '../limits/reading-budget.js';
import { ConnectionBudget } from './connection-budget.js';
import { FrameMeter } from './frame-meter.js';

/** A client's WebSocket ping without a payload, under a mask of zeros. Source: RFC 6455, 5.2. */
const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
/** engine.io's `pong` in a frame of its own, under a mask of zeros. */
const pong = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x33]);
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
      const connection = {
        cutOff: () => undefined,
        receivePong: () => undefined,
        takePong: () => false,
        takesMessages: false,
      };
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

  /** A connection that was asked by so many pings. */
  async function openMeter(asked: number) {
    const socket = new PassThrough();
    let unread = '';
    socket.on('data', (bytes: Buffer) => (unread += bytes.toString('latin1')));
    const budget = new ConnectionBudget();
    const paid = jest.spyOn(budget, 'spendFrames');
    const pongs = { taken: 0, others: 0 };
    const meter = new FrameMeter(
      socket as unknown as NetSocket,
      { readyState: 1, isPaused: false } as unknown as WebSocket,
      budget,
      {
        cutOff: () => undefined,
        takePong: () => pongs.taken < asked && ++pongs.taken > 0,
        receivePong: () => (pongs.others += 1),
        takesMessages: false,
        receiveMessage: () => undefined,
      },
    );
    await nextTurn();
    const send = async (bytes: Buffer): Promise<void> => {
      socket.write(bytes);
      await nextTurn();
    };
    return { meter, pongs, paid, send, unread: () => unread };
  }

  it('takes nothing for an answer that was asked for, and something for each one more', async () => {
    const { meter, pongs, paid, send } = await openMeter(2);
    for (let index = 0; index < 2; index += 1) await send(pong);
    expect(paid).not.toHaveBeenCalled();
    expect(meter.hasFrames).toBe(false);
    for (let index = 0; index < 3; index += 1) await send(pong);
    expect(paid).toHaveBeenCalledTimes(3);
    expect(pongs).toEqual({ taken: 2, others: 3 });
    expect(meter.hasFrames).toBe(true);
  });

  it('takes no bytes within a frame or a message for an answer', async () => {
    const { pongs, send, unread } = await openMeter(9);
    const message = Buffer.concat([
      Buffer.from([0x01, 0x87, 0, 0, 0, 0]),
      pong,
      Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
    ]);
    await send(message.subarray(0, 6));
    await send(pong);
    await send(pong);
    await send(message.subarray(13));
    expect(unread()).toBe(
      Buffer.concat([message.subarray(0, 13), pong, message.subarray(13)]).toString('latin1'),
    );
    expect(pongs).toEqual({ taken: 0, others: 0 });
    await send(pong);
    expect(pongs).toEqual({ taken: 1, others: 0 });
  });
});
