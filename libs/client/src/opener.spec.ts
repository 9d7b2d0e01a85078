import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Address } from './address.js';
import { handshakeMs } from './backoff.js';
import { Opener } from './opener.js';
import { PlayerToken } from './token.js';

const listen = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

const nobody = { opened() {}, push() {}, answer() {}, move() {}, lost() {} };
const owner = { resume: () => undefined, isMoving: () => false, failed() {}, gaveUp() {} };

describe('a browser that says that it is online again', () => {
  const browser = new EventTarget();
  const { addEventListener, removeEventListener } = globalThis;

  beforeAll(() => {
    Object.assign(globalThis, {
      addEventListener: browser.addEventListener.bind(browser),
      removeEventListener: browser.removeEventListener.bind(browser),
    });
  });
  afterAll(() => void Object.assign(globalThis, { addEventListener, removeEventListener }));

  it('ends the wait for the next try', async () => {
    // The wait after a failure is minutes then.
    const random = jest.spyOn(Math, 'random').mockReturnValue(1_000);
    const failures = new EventEmitter();
    const failing = { ...owner, failed: () => void failures.emit('failed') };
    const opener = new Opener(
      new Address({ url: 'http://127.0.0.1:1' }),
      new PlayerToken('t'),
      nobody,
      {},
      failing,
    );
    opener.start();
    for (let tries = 0; tries < 3; tries += 1) {
      await once(failures, 'failed');
      setTimeout(() => browser.dispatchEvent(new Event('online')));
    }
    opener.stop();
    random.mockRestore();
  });
});

describe('a connector that takes the connection and never answers, as behind an Ingress that has not noticed', () => {
  it('is given up after 2.5 s, for another try; servers that are only busy get longer with each', async () => {
    const connected: Socket[] = [];
    const silent = createServer((socket) => void connected.push(socket.on('error', () => {}).resume()));
    const wsUrl = `ws://127.0.0.1:${await listen(silent)}`;
    const config = createHttpServer((_, answer) =>
      answer
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ version: '1.0.0000', wsUrl })),
    );
    const url = `http://127.0.0.1:${await listen(config)}`;
    const opener = new Opener(new Address({ url }), new PlayerToken('t'), nobody, {}, owner);

    opener.start();
    await once(silent, 'connection');
    const since = performance.now();
    await once(silent, 'connection');
    const ms = performance.now() - since;
    await once(silent, 'connection');
    const nextMs = performance.now() - since - ms;
    opener.stop();
    for (const socket of connected) socket.destroy();
    silent.close();
    config.close().closeAllConnections();

    expect(ms).toBeGreaterThan(2_000);
    expect(ms).toBeLessThan(6_000);
    expect(nextMs).toBeGreaterThan(4_500);
    expect([0, 1, 2, 3, 50].map(handshakeMs)).toEqual([2_500, 5_000, 10_000, 10_000, 10_000]);
  }, 30_000);
});

describe('a version whose connectors are all gone, and which the servers give to nobody any more', () => {
  it('is left for the one that they name by then', async () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0);
    const connectors = createServer((socket) => void socket.on('error', () => {}).resume());
    const wsUrl = `ws://127.0.0.1:${await listen(connectors)}`;
    let told = { version: '1.0.0001', wsUrl: 'ws://127.0.0.1:1' };
    let asked = 0;
    const config = createHttpServer((_, answer) => {
      asked += 1;
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(told));
    });
    const address = new Address({ url: `http://127.0.0.1:${await listen(config)}` });
    let failures = 0;
    const failed = (): void => {
      failures += 1;
      // Rolled back.
      told = { version: '1.0.0000', wsUrl };
    };
    const opener = new Opener(address, new PlayerToken('t'), nobody, {}, { ...owner, failed });

    opener.start();
    const [socket] = (await once(connectors, 'connection')) as [Socket];
    opener.stop();
    socket.destroy();
    connectors.close();
    config.close().closeAllConnections();
    random.mockRestore();

    expect(address.version).toBe('1.0.0000');
    expect({ asked, failures }).toEqual({ asked: 2, failures: 8 });
  });
});
