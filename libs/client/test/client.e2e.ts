import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client } from '../src/client.js';
import { connect } from '../src/connect.js';
import { Server, type Socket } from 'socket.io';

/** A connector that speaks protocol 1 as badly timed as the network can make it: several messages in one TCP chunk. */
describe('a client whose sockets end or move as soon as they open', () => {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'] });
  let url: string;
  let client: Client | undefined;
  let opened: string[];

  beforeAll(async () => {
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });

  beforeEach(() => (opened = []));

  afterEach(() => {
    client?.close();
    io.removeAllListeners('connection');
  });

  afterAll(() => io.close());

  const push = (socket: Socket, route: string, data: object): unknown => socket.emit('Push', { route, data });

  function open(socket: Socket): void {
    opened.push(socket.id);
    const { resume } = socket.handshake.auth as { resume?: { position: number } };
    push(socket, 'session.opened', {
      session: 's',
      // Servers of before tell it to nobody.
      ...(opened.length === 1 && { playerId: 'anna' }),
      position: resume?.position ?? 0,
      recovered: resume !== undefined,
      serverId: `connector-${opened.length}`,
      version: '1.0.0000',
      retryPolicies: {},
    });
  }

  async function untilOpened(count: number): Promise<void> {
    while (opened.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('connects again when the first socket is closed in the same moment', async () => {
    io.on('connection', (socket) => {
      open(socket);
      if (opened.length > 1) return;
      push(socket, 'session.closed', { code: 'SLOW_CONSUMER', reconnect: true });
      socket.disconnect(true);
    });
    client = connect({ url, token: 't', version: '1.0.0000' });
    await untilOpened(2);
    while (client.state !== 'online') await new Promise((resolve) => setTimeout(resolve, 10));
    expect([client.serverId, client.playerId]).toEqual(['connector-2', 'anna']);
  }, 10_000);

  it('moves when it is told so right after the session opened', async () => {
    const moved: string[] = [];
    io.on('connection', (socket) => {
      open(socket);
      if (opened.length === 1) push(socket, 'session.move', { withinMs: 5_000 });
    });
    client = connect({ url, token: 't', version: '1.0.0000' });
    client.on('moved', ({ serverId }) => moved.push(serverId));
    await untilOpened(2);
    while (moved.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(moved).toEqual(['connector-2']);
  }, 10_000);

  it('moves when it is told so before the session opened', async () => {
    io.on('connection', (socket) => {
      if (opened.length === 0) push(socket, 'session.move', { withinMs: 5_000 });
      open(socket);
    });
    client = connect({ url, token: 't', version: '1.0.0000' });
    await untilOpened(2);
    expect(opened).toHaveLength(2);
  }, 10_000);
});
