import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { AddressBudgets } from '../connections/address-budgets.js';
import { ConnectionBudget } from '../connections/connection-budget.js';
import { ClientAddresses } from '@ccgame/server';
import { FrontDoor } from '../connections/front-door.js';
import { metrics } from '../metrics.js';
import { PollingDoor } from './polling-door.js';

const path = '/socket.io/?EIO=4&transport=polling';
/** For one request and its answer. */
const longestMs = 15_000;

describe('a request of long-polling', () => {
  let frontDoor: FrontDoor;
  let polling: PollingDoor;
  let port: number;
  let behind: WebSocketServer;
  /** The WebSockets within. */
  let opened: { address: string; webSocket: WebSocket }[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    // Time passes by the test's clock, and the network's events come as ever.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'Date', 'queueMicrotask'] });
    opened = [];
    behind = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(behind, 'listening');
    const { port: portBehind } = behind.address() as AddressInfo;
    const rules = { maxMessageBytes: 65_536, pingInterval: 10 * longestMs, pingTimeout: longestMs };
    polling = new PollingDoor(rules, () => (address) => {
      const webSocket = new WebSocket(`ws://127.0.0.1:${portBehind}`);
      opened.push({ address, webSocket });
      return { webSocket, budget: new ConnectionBudget() };
    });
    frontDoor = new FrontDoor(createServer(), {
      addresses: new ClientAddresses(false),
      budgets: new AddressBudgets({ connections: 100, rate: 100 }),
      polling,
      isStopping: () => false,
    });
    await frontDoor.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = (frontDoor as unknown as { server: { address(): AddressInfo } }).server.address());
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    polling.close();
    frontDoor.close();
    for (const socket of behind.clients) socket.terminate();
    behind.close();
    jest.useRealTimers();
  });

  function send(text: string): Socket {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    socket.write(text);
    return socket;
  }

  async function answerTo(text: string): Promise<string> {
    const chunks = (await send(text).toArray()) as Buffer[];
    return Buffer.concat(chunks).toString();
  }

  it.each([
    ['a header of its own', `x: a\ny: b\r\n`],
    ['a length', `x: a\ncontent-length: 3\r\n`],
    ['another encoding', `x: a\ntransfer-encoding: chunked\r\n`],
    ['another encoding, in the name', `x\ntransfer-encoding: chunked\r\n`],
    ['the end of the head', `x: a\n\nGET ${path} HTTP/1.1\r\n`],
  ])('is refused with a bare line feed in a header: %s', async (_, headers) => {
    for (const method of ['GET', 'POST'])
      expect(await answerTo(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\nabc`)).toMatch(/ 400 /);
    expect(await answerTo(`GET ${path}\nx: y HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(/ 400 /);
    expect(opened).toEqual([]);
  });

  it.each([
    ['1764435600.123456', '&t=1764435600.123456'],
    // Other libraries.
    ['pq3kx9abc', ''],
    ['PhM2y4z.0', ''],
  ])('shows python-socketio by its time, and no other library: %s', async (time, kept) => {
    expect(await answerTo(`GET ${path}&t=${time} HTTP/1.1\r\nhost: x\r\n\r\n`)).toContain('"sid"');
    expect(opened).toMatchObject([{ address: `/socket.io/?EIO=4&transport=websocket${kept}` }]);
  });

  async function openSession(): Promise<string> {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    const [, sid = ''] = /"sid":"([^"]+)"/.exec(answer) ?? [];
    return sid;
  }

  it('carries the pings of the WebSocket within, which only the client answers', async () => {
    const opens = once(behind, 'connection') as Promise<[WebSocket]>;
    const sid = await openSession();
    const [inner] = await opens;
    const received: string[] = [];
    inner.on('message', (data: Buffer) => received.push(data.toString()));
    const poll = async (): Promise<string[]> => {
      const answer = await answerTo(`GET ${path}&sid=${sid} HTTP/1.1\r\nhost: x\r\n\r\n`);
      return answer.slice(answer.indexOf('\r\n\r\n') + 4).split('\x1e');
    };
    const post = (packet: string): Promise<string> =>
      answerTo(`POST ${path}&sid=${sid} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n${packet}`);
    for (const packet of ['2', '4hello']) inner.send(packet);
    const told: string[] = [];
    while (!told.includes('4hello')) told.push(...(await poll()));
    expect(told).toEqual(['2', '4hello']);
    expect(received).toEqual([]);
    const answered = once(inner, 'message');
    await post('3');
    await answered;
    // One more than it was asked for says nothing.
    await post('3');
    const passed = once(inner, 'close');
    inner.close();
    await passed;
    expect(received).toEqual(['3']);
  });

  it('ends with the WebSocket within, also where nobody polls for it any more', async () => {
    const opens = once(behind, 'connection') as Promise<[WebSocket]>;
    await openSession();
    const [inner] = await opens;
    const { engine } = polling as unknown as { engine: { clientsCount: number } };
    const [within] = opened;
    inner.send('4unread');
    const closed = once(within.webSocket, 'close');
    inner.close();
    await closed;
    expect(engine.clientsCount).toBe(1);
    jest.advanceTimersByTime(longestMs);
    expect(engine.clientsCount).toBe(0);
  });

  it('ends when its body comes byte by byte', async () => {
    const sid = await openSession();
    const { http } = polling as unknown as { http: Server };
    const received = once(http, 'request');
    const socket = send(`POST ${path}&sid=${sid} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\na`);
    await received;
    const closed = once(socket.resume(), 'close');
    for (let second = 1; second * 1_000 < longestMs; second += 1) {
      socket.write('a');
      jest.advanceTimersByTime(1_000);
    }
    // The answer to another request comes after whatever was on its way.
    await answerTo('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(socket.closed).toBe(false);
    jest.advanceTimersByTime(1_000);
    await closed;
    const { values } = await metrics.refused.get();
    expect(values.find(({ labels }) => labels.reason === 'slow-poll')).toMatchObject({ value: 1 });
  });
});
