import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { Authority, natsOptions, NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { connectNats } from './nats-connection.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const socketOf = (of: NatsConnection): Socket =>
  (of as unknown as { protocol: { transport: { socket: Socket } } }).protocol.transport.socket;

function connect({ address }: NatsServer, coalesceWrites: boolean, tlsCa?: string): Promise<NatsConnection> {
  return connectNats({ address, name: 'behind', serverType: 'behind', coalesceWrites, tlsCa });
}

/** Resolves once it has told so. */
async function untilStatus(nats: NatsConnection, type: string): Promise<void> {
  for await (const status of nats.status()) if (status.type === type) return;
}

describe('a NATS that takes nothing more', () => {
  let server: NatsServer;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect(server, true);
  });
  afterAll(async () => {
    server.resume();
    await nats.close();
    await server.destroy();
  });

  it('costs the memory of what is published, and is left once it answers no ping', async () => {
    const left = socketOf(nats);
    server.pause();
    // More than the kernel holds of a connection.
    for (let count = 0; count < 20; count += 1) nats.publish('bulk', Buffer.alloc(1_000_000));
    await nextTurn();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1_000; count += 1) {
      nats.publish('small', 'x'.repeat(200));
      await nextTurn();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3_000_000);

    const startedAt = performance.now();
    await untilStatus(nats, 'disconnect');
    expect(performance.now() - startedAt).toBeLessThan(9_000);
    expect(left.destroyed).toBe(true);
    const reconnected = untilStatus(nats, 'reconnect');
    server.resume();
    await reconnected;
    await nats.flush();
  }, 40_000);
});

describe.each([true, false])('what is published while NATS is away (of a whole turn: %s)', (ofTurn) => {
  it('comes in its order, behind what went before and before what comes after', async () => {
    const server = await startNats();
    const [nats, listener] = [await connect(server, ofTurn), await connect(server, ofTurn)];
    const heard: number[] = [];
    listener.subscribe('numbers', { callback: (_, message) => void heard.push(Number(message.string())) });
    await listener.flush();
    let count = 0;
    let isBack = false;
    const reconnected = untilStatus(nats, 'reconnect').then(() => (isBack = true));
    void nats.reconnect();
    while (!isBack) {
      nats.publish('numbers', String(count++));
      nats.publish('numbers', String(count++));
      await nextTurn();
    }
    await reconnected;
    nats.publish('numbers', String(count));
    await untilHolds(() => heard.includes(count), { seen: () => heard.length });
    expect(heard).toEqual([...heard].sort((one, other) => one - other));
    expect(new Set(heard).size).toBe(heard.length);
    await Promise.all([nats.close(), listener.close()]);
    await server.destroy();
  });
});

describe('a connection by TLS', () => {
  let server: NatsServer;
  let caFile: string;

  beforeAll(async () => {
    const authority = new Authority();
    const { cert, key } = authority.issue('nats', '127.0.0.1');
    server = await NatsServer.start({
      ...(await natsOptions()),
      configuration: (port, folder) => {
        const file = (name: string, text: string): string => {
          writeFileSync(join(folder, name), text);
          return JSON.stringify(join(folder, name));
        };
        const files = `cert_file: ${file('tls.crt', cert)}, key_file: ${file('tls.key', key)}`;
        return `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(folder)} }\ntls { ${files} }\n`;
      },
    });
    caFile = join(server.folder, 'ca.crt');
    writeFileSync(caFile, authority.cert);
  });
  afterAll(() => server.destroy());

  it.each([true, false])(
    'reads and writes all in its order, with no room made for each write (%s)',
    async (ofTurn) => {
      const nats = await connect(server, ofTurn, caFile);
      const heard: string[] = [];
      nats.subscribe('texts', { callback: (_, message) => void heard.push(message.string()) });
      await nats.flush();
      const roomMade = jest.spyOn(Buffer, 'allocUnsafeSlow');
      const texts = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(index * 10)}`);
      for (const text of texts) {
        nats.publish('texts', text);
        await nextTurn();
      }
      await untilHolds(() => heard.length === texts.length, { seen: () => heard.length });
      expect(heard).toEqual(texts);
      expect(roomMade.mock.calls.length).toBeLessThan(10);
      roomMade.mockRestore();
      await nats.close();
    },
  );
});

describe('what one microtask publishes without the gathering of a turn', () => {
  it('goes to NATS in one write, in its order, before the next turn', async () => {
    const server = await startNats();
    const nats = await connect(server, false);
    const heard: string[] = [];
    nats.subscribe('micro', { callback: (_, message) => void heard.push(message.string()) });
    await nats.flush();
    const write = jest.spyOn(socketOf(nats), 'write');
    for (const text of ['one', 'two', 'three']) nats.publish('micro', text);
    expect(write).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(write).toHaveBeenCalledTimes(1);
    await untilHolds(() => heard.length === 3, { seen: () => heard });
    expect(heard).toEqual(['one', 'two', 'three']);
    await nats.close();
    await server.destroy();
  });
});
