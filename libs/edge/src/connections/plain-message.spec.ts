import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, type Socket as NetSocket } from 'node:net';
import { untilHolds } from '@ccgame/testing';
import { Server } from 'socket.io';
import { Connection, type EngineConnection } from './connection.js';
import { meteredWebSockets } from './metered-web-sockets.js';
import { SessionMessages } from '../gateway/session-messages.js';
import { ReadingBudget } from '../limits/reading-budget.js';
import { readPlainMessage } from './plain-message.js';

const mask = Buffer.from([0x91, 0x02, 0xf3, 0x44]);
const finalText = 0x81;
const text = 0x01;
const finalRest = 0x80;

function clientFrame(payload: string | Buffer, first = finalText): Buffer {
  const bytes = Buffer.from(payload as string);
  const head = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff];
  const masked = bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([first, ...head]), mask, masked]);
}

const messageOf = (timestamp: number, data: unknown = {}): object => ({ route: 'a.b', data, timestamp });
const request = (timestamp: number, data?: unknown): string =>
  `42${JSON.stringify(['Request', messageOf(timestamp, data)])}`;

describe('a plain message', () => {
  it.each([
    ['short', { text: 'x' }],
    ['long', { text: 'x'.repeat(500) }],
    ['Chinese', { text: '你好，世界 🎮' }],
  ])('is read from its frame: %s', (_name, data) => {
    expect(readPlainMessage(clientFrame(request(7, data)))).toEqual({
      event: 'Request',
      data: messageOf(7, data),
    });
  });

  it.each([
    ['an event of the game’s own', clientFrame(`42["chat",${JSON.stringify({ text: 'x'.repeat(40) })}]`)],
    ['an acknowledgement that is waited for', clientFrame(request(1).replace('42[', '427['))],
    ['another namespace', clientFrame(request(1).replace('42[', '42/admin,['))],
    ['binary', clientFrame(request(1), 0x82)],
    ['the first part of one', clientFrame(request(1), text)],
    ['compressed', clientFrame(request(1), 0xc1)],
    ['not masked', Buffer.concat([Buffer.from([finalText, 60]), Buffer.from(request(1).padEnd(60))])],
    ['of several arguments', clientFrame(request(1).replace(/]$/, ',5]'))],
    ['no JSON', clientFrame(`42["Request",${'x'.repeat(40)}]`)],
    ['not UTF-8', clientFrame(Buffer.from(request(1, { text: '\u00ff'.repeat(9) }), 'latin1'))],
    ['too long', clientFrame(request(1, 'x'.repeat(9_000)))],
    ['a pong', clientFrame('3')],
    ['cut off', clientFrame(request(1)).subarray(0, 20)],
  ])('is nothing else: %s', (_name, frame) => {
    expect(readPlainMessage(frame)).toBeUndefined();
  });
});

describe('a connection that reads plain messages', () => {
  let http: HttpServer;
  let io: Server;
  let client: NetSocket;
  /** The marks of what arrived, in its order; those that came by socket.io have a `*`. */
  const arrived: string[] = [];
  let ended: boolean;

  beforeEach(async () => {
    arrived.length = 0;
    ended = false;
    const connections = new WeakMap<NetSocket, Connection>();
    http = createServer().prependListener('connection', (socket: NetSocket) => {
      connections.set(socket, new Connection(socket));
    });
    const connectionOf = (socket: NetSocket): Connection => connections.get(socket) as Connection;
    io = new Server(http, { transports: ['websocket'], wsEngine: meteredWebSockets(connectionOf) });
    io.on('connection', (socket) => {
      const connection = connectionOf(socket.conn.request.socket);
      connection.carryEngine(socket.conn as unknown as EngineConnection);
      const share = { takeTurn: (run: () => void) => run() };
      const readerInto = (suffix: string): SessionMessages =>
        new SessionMessages(
          { socket, share } as never,
          {
            receiveEvent: (_session: unknown, _event: string, [data]: unknown[]) =>
              arrived.push(markOf(data) + suffix),
          } as never,
        );
      connection.openSession(() => undefined, readerInto(''), new ReadingBudget());
      const bySocketIo = readerInto('*');
      socket.onAny((event: string, ...args: unknown[]) => bySocketIo.receiveEvent(event, args));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    client = connect((http.address() as AddressInfo).port, '127.0.0.1');
    let received = '';
    client.on('data', (bytes) => (received += bytes.toString('latin1')));
    client.on('close', () => (ended = true)).on('error', () => undefined);
    client.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGlnaHQtY2xpZW50LWtleQ==\r\n\r\n',
    );
    await untilHolds(() => received.includes('pingInterval'));
    client.write(clientFrame('40{}'));
    await untilHolds(() => received.includes('40{'));
  });

  afterEach(async () => {
    client.destroy();
    await io.close();
  });

  function markOf(message: unknown): string {
    return String((message as { timestamp?: number } | undefined)?.timestamp);
  }

  const untilArrived = (count: number): Promise<unknown> => untilHolds(() => arrived.length >= count);

  it('keeps the order of those and of what goes through socket.io, in one chunk', async () => {
    const chat = (timestamp: number): Buffer =>
      clientFrame(`42["chat",${JSON.stringify(messageOf(timestamp))}]`);
    client.write(
      Buffer.concat(
        [1, 2].map((at) => clientFrame(request(at))).concat([chat(3), clientFrame(request(4)), chat(5)]),
      ),
    );
    await untilArrived(5);
    expect(arrived).toEqual(['1', '2', '3*', '4*', '5*']);
    client.write(clientFrame(request(6)));
    await untilArrived(6);
    expect(arrived[5]).toBe('6');
  });

  it('reads them in pieces too, and one that comes in two frames', async () => {
    for (const byte of clientFrame(request(1))) client.write(Buffer.from([byte]));
    await untilArrived(1);
    const whole = request(2);
    client.write(
      Buffer.concat([clientFrame(whole.slice(0, 9), text), clientFrame(whole.slice(9), finalRest)]),
    );
    await untilArrived(2);
    client.write(clientFrame(request(3)));
    await untilArrived(3);
    expect(arrived).toEqual([expect.stringMatching(/^1/), '2*', '3']);
  });

  it('ends with a message in the middle of another, as the protocol forbids it', async () => {
    client.write(Buffer.concat([clientFrame(request(1).slice(0, 9), text), clientFrame(request(2))]));
    await untilHolds(() => ended);
    expect(arrived).toEqual([]);
  });

  it.each([
    ['JSON', clientFrame(`42["Request",${'x'.repeat(40)}]`)],
    ['UTF-8', clientFrame(Buffer.from(request(1, { text: '\u00ff'.repeat(9) }), 'latin1'))],
  ])('ends with a message that is no %s', async (_name, frame) => {
    client.write(Buffer.concat([frame, clientFrame(request(2))]));
    await untilHolds(() => ended);
    expect(arrived.filter((mark) => !mark.endsWith('*'))).toEqual([]);
  });

  it('takes no more after the goodbye of either side', async () => {
    client.write(Buffer.concat([clientFrame('41'), clientFrame(request(1))]));
    await untilHolds(() => ended);
    expect(arrived).toEqual([]);
  });
});
