import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import type { Client } from './client.js';
import { connect } from './connect.js';

const session = { session: 's1', position: 0, recovered: true, serverId: 'connector-0', playerId: 'anna' };

/** A client of the SDK, and a server that says what no connector says. */
describe('a server that is broken', () => {
  let http: HttpServer;
  let server: Server;
  let client: Client;
  let socket: Socket;
  let sockets = 0;
  let isCurt = false;

  beforeAll(async () => {
    http = createServer();
    server = new Server(http);
    server.on('connection', (opened) => {
      socket = opened;
      sockets += 1;
      opened.on('Request', (message: { route: string; timestamp: number }) =>
        opened.emit('Response', { route: message.route, timestamp: message.timestamp, data: 'answered' }),
      );
      opened.emit('Push', { route: 'session.opened', data: session });
      if (isCurt) setTimeout(() => opened.conn.close());
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    client = connect({ url, token: 'x.y.z', version: '1.0.0000' });
    await client.ready;
  });
  afterAll(async () => {
    client.close();
    await server.close();
  });

  const room = { room: 'dice.table.r1', stream: 'x' };
  const frames: [event: string, ...data: unknown[]][] = [
    ...[null, 5, 'text', [], {}, { route: 7 }, { route: 'a', position: 'b' }].map(
      (data): [string, unknown] => ['Push', data],
    ),
    ['Push'],
    ['Push', Buffer.alloc(3)],
    ...[
      'session.opened',
      'session.closed',
      'session.move',
      'room.state',
      'room.change',
      'room.closed',
    ].flatMap((route) => [null, 5, {}].map((data): [string, unknown] => ['Push', { route, data }])),
    ['Response', null],
    ['Response', 5],
    ['Response'],
    ['NoSuchEvent', { a: 1 }],
  ];

  it.each(frames)('neither ends the client nor stops it: %s %j', async (event, ...data) => {
    client.room('dice.table');
    socket.emit(event, ...data);
    expect(await client.request('note.read' as never, {})).toBe('answered');
  });

  it('is asked for the whole view where a change does not fit', async () => {
    const followed = client.room('dice.table');
    const changed = (): Promise<unknown> =>
      new Promise((resolve) => {
        const stop = followed.onChange((state) => {
          stop();
          resolve(state);
        });
      });
    let n = 1;
    for (const change of [
      { list: { length: 4_294_967_295 } },

      { list: { 9: 1 } },
      { list: { x: 1 } },
      { text: { a: 1 } },
      { gone: { a: 1 } },
    ]) {
      const state = { list: [1, 2], text: 'abc', tick: n };
      const whole = changed();
      socket.emit('Push', { route: 'room.state', data: { ...room, n, state } });
      expect(await whole).toEqual(state);
      socket.emit('Push', { route: 'room.change', data: { ...room, n: n + 1, change } });
      await client.request('note.read' as never, {});
      expect(followed.state).toEqual(state);
      n += 2;
    }
  });

  it('that ends each socket as soon as it is open is asked ever more rarely', async () => {
    isCurt = true;
    sockets = 0;
    socket.conn.close();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(sockets).toBeGreaterThan(0);
    expect(sockets).toBeLessThan(10);
  });
});
