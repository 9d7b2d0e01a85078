import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { PushMessage } from '@ccgame/protocol';
import { type StartedServer, tokenOf } from '@ccgame/testing';
import { io, type Socket } from 'socket.io-client';
import { Cluster } from './cluster.js';

/** socket.io-client as it comes, with a reconnection delay that suits a test. */
function plainSocket(port: number, playerId: string): Socket {
  return io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 100,
    reconnectionDelayMax: 300,
    auth: { token: tokenOf(playerId) },
  });
}

/** The first argument of the socket's next event of that name. */
function next(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve));
}

describe('a client with nothing but socket.io', () => {
  let cluster: Cluster;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start(1);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(() => cluster.stop());

  async function open(at: StartedServer, playerId: string): Promise<Socket> {
    const socket = plainSocket(at.port, playerId);
    sockets.push(socket);
    await next(socket, 'connect');
    return socket;
  }

  it('comes back by itself after a planned stop', async () => {
    const connector = await cluster.addConnector();
    const socket = await open(connector, 'ann');
    const closed: unknown[] = [];
    socket.on('Push', ({ route, data }: PushMessage) => route === 'session.closed' && closed.push(data));
    const [reason, ended] = await Promise.all([next(socket, 'disconnect'), connector.process.stop(20_000)]);
    expect([reason, ended]).toEqual(['transport close', 'exit code 0']);
    expect(closed).toEqual([{ code: 'DRAINING', reconnect: true }]);
    connector.process.start();
    await next(socket, 'connect');
  });

  it('comes back by itself after each refusal that passes', async () => {
    const connector = await cluster.addConnector({ HANDSHAKE_RATE: '1' });
    const first = await open(connector, 'bea');
    const tries: string[] = [];
    const second = plainSocket(connector.port, 'ben');
    sockets.push(second);
    second.io.on('reconnect_attempt', () => tries.push('again'));
    second.on('connect_error', ({ message }) => tries.push(message));
    await next(second, 'connect');
    expect(first.connected).toBe(true);
    expect(tries).toContain('again');
    expect(tries).not.toContain('RATE_LIMITED');
  });

  it('tries to come back after it was thrown out', async () => {
    const [connector] = cluster.connectors;
    const socket = await open(connector, 'cas');
    const gone = next(socket, 'disconnect');
    for (let sent = 0; sent < 2_000; sent += 1) socket.emit('Request', 'nonsense');
    expect(await gone).toBe('transport close');
    expect(socket.active).toBe(true);
    expect(await new Promise((resolve) => socket.io.once('reconnect_attempt', resolve))).toBe(1);
  });

  it('stays away when another device took its place, or its token is no good', async () => {
    const [connector] = cluster.connectors;
    const first = await open(connector, 'dan');
    const gone = next(first, 'disconnect');
    await open(connector, 'dan');
    expect(await gone).toBe('io server disconnect');
    const stranger = io(`http://127.0.0.1:${connector.port}`, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token: 'x' },
    });
    sockets.push(stranger);
    const error = (await next(stranger, 'connect_error')) as Error;
    expect(error.message).toBe('UNAUTHENTICATED');
    expect(stranger.active).toBe(false);
  });

  it.each([
    ['/', 200],
    ['/?probe=1', 200],
    ['/nothing', 404],
    ['/socket.io/', 400],
  ])('is answered on the same port when it asks GET %s: %d, at once', async (path, status) => {
    const startedAt = performance.now();
    const [response] = (await once(
      get({ port: cluster.connectors[0].port, path, agent: false }),
      'response',
    )) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('is cut off when it does not finish its question', async () => {
    const socket = connect(cluster.connectors[0].port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\n');
    await once(socket, 'close');
  });
});
