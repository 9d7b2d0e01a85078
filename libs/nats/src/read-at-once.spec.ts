import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { connectNats } from './nats-connection.js';
import { readAtOnce } from './read-at-once.js';

describe('what comes from NATS', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let other: NatsConnection;
  let heard: string[];

  beforeAll(async () => {
    server = await startNats();
    other = await connect();
  });
  beforeEach(async () => {
    heard = [];
    nats = await connect();
    nats.subscribe('news', { callback: (_, message) => void heard.push(message.string()) });
    await nats.flush();
  });
  afterEach(() => nats.close());
  afterAll(async () => {
    await other.close();
    await server.destroy();
  });

  const connect = (): Promise<NatsConnection> =>
    connectNats({ address: server.address, name: 'news', serverType: 'news', coalesceWrites: true });
  const socketOf = (of: NatsConnection): Socket =>
    (of as unknown as { protocol: { transport: { socket: Socket } } }).protocol.transport.socket;

  /** How many messages had been handed on when their chunk had been read. */
  async function heardWithin(): Promise<number> {
    let within = -1;
    socketOf(nats).once('data', () => (within = heard.length));
    const before = heard.length;
    other.publish('news', 'one');
    await untilHolds(() => within >= 0);
    return within - before;
  }

  it('is handed on as it comes, over a second connection too', async () => {
    expect(await heardWithin()).toBe(1);
    const first = socketOf(nats);
    await nats.reconnect();
    await untilHolds(
      () => socketOf(nats) !== first && !nats.isClosed() && socketOf(nats)?.readyState === 'open',
    );
    await nats.flush();
    expect(await heardWithin()).toBe(1);
  });

  it('is in its order, however it is cut, from the first chunk of a connection on', async () => {
    const numbers = Array.from({ length: 3_000 }, (_, index) => `${index} ${'x'.repeat(index % 200)}`);
    for (const [index, number] of numbers.entries()) {
      other.publish('news', number);
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await untilHolds(() => heard.length === numbers.length, { seen: () => heard.length });
    expect(heard).toEqual(numbers);
  });

  it('begins anew where it is no word of NATS', async () => {
    const first = socketOf(nats);
    first.emit('data', Buffer.from('no word of NATS'));
    // nats.js by itself finds it by its pings, 4 to 6 s later.
    await untilHolds(() => socketOf(nats) !== undefined && socketOf(nats) !== first, { timeoutMs: 2_500 });
    await nats.flush();
    other.publish('news', 'after it');
    await untilHolds(() => heard.includes('after it'));
  });

  it('goes the way of a nats.js that has nothing of this inside', () => {
    expect(() => readAtOnce({ protocol: {} } as never)).not.toThrow();
  });
});
