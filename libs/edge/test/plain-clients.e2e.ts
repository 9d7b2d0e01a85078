import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { type StartedServer, tokenOf, calmTime } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import { Cluster } from './cluster.js';
import { PlainClient } from './plain-client.js';

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a client with nothing but socket.io', () => {
  let cluster: Cluster;
  let unfinished: Promise<unknown>;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start(3, { HANDSHAKE_RATE: '6' });
    unfinished = sendHalfAQuestion(cluster.connectors[0].port);
  });
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.disconnect();
  });
  afterAll(() => cluster.stop());

  function startClient(at: StartedServer, auth: object): PlainClient {
    const client = new PlainClient(at.port, auth);
    clients.push(client);
    return client;
  }

  async function open(at: StartedServer, playerId: string, auth: object = {}): Promise<PlainClient> {
    const client = startClient(at, { token: tokenOf(playerId), ...auth });
    await client.next('connect');
    return client;
  }

  async function push(playerId: string, values: number[]): Promise<void> {
    for (const value of values) await cluster.push.toPlayer(playerId, 'n', value);
  }

  it('resumes on another connector when its own is killed, and is brought each missed push once', async () => {
    const [here, doomed] = cluster.connectors;
    const [client, idle, without] = [
      await open(doomed, 'ann'),
      await open(doomed, 'ida'),
      await open(doomed, 'wim', { recovery: false }),
    ];
    await push('ann', [0]);
    await client.until(() => client.of('n').length === 1);
    await doomed.process.kill();
    await push('ann', numbers(5, 1));
    await push('ida', [7]);
    await Promise.all([client, idle, without].map((one) => one.reconnectAt(here.port)));
    await push('ann', [6]);
    await client.until(() => client.of('n').length >= 7);
    await idle.until(() => idle.of('n').length === 1);
    expect(client.of('n')).toEqual(numbers(7));
    // The second argument is socket.io's own, and a client that asked for none has none.
    expect(client.offsets).toEqual(client.pushes.map(({ position }) => String(position)));
    expect([client, idle, without].map(({ socket }) => socket.recovered)).toEqual([true, true, undefined]);
  });

  it('resumes after a planned stop, which waits for its answer, and ends its transport and not its socket', async () => {
    const [here, , stopping] = cluster.connectors;
    const client = await open(stopping, 'bob');
    const told: string[] = [];
    for (const event of ['Response', 'disconnect']) client.socket.on(event, () => told.push(event));
    const join = { route: 'matching.user_join_matching', data: { mode: 'slow-1500' }, timestamp: 1 };
    client.socket.emit('Request', join);
    await push('bob', [0]);
    await client.until(() => client.of('n').length === 1);
    const gone = client.next('disconnect');
    const [reason, ended] = await Promise.all([gone, stopping.process.stop(20_000)]);
    expect([reason, ended]).toEqual(['transport close', 'exit code 0']);
    expect(told).toEqual(['Response', 'disconnect']);
    expect(client.of('session.closed')).toEqual([{ code: 'DRAINING', reconnect: true }]);
    await push('bob', [1]);
    await client.reconnectAt(here.port);
    await client.until(() => client.of('n').length >= 2);
    expect([client.socket.recovered, client.of('n')]).toEqual([true, [0, 1]]);
  });

  it('sees that it was not recovered where the log has lost what it missed', async () => {
    const [connector] = cluster.connectors;
    const client = await open(connector, 'eva');
    await push('eva', [0]);
    await client.until(() => client.of('n').length === 1);
    client.cut();
    await push('eva', [1]);
    await emptyLog(cluster);
    await client.reconnectAt(connector.port);
    expect(client.socket.recovered).toBe(false);
    // The gap was told: what comes after it is recovered again.
    await push('eva', [2]);
    await client.until(() => client.of('n').length === 2);
    client.cut();
    await push('eva', [3]);
    await client.reconnectAt(connector.port);
    await client.until(() => client.of('n').length === 3);
    expect([client.socket.recovered, client.of('n')]).toEqual([true, [0, 2, 3]]);
  });

  it('is not given another player’s session, nor refused, by a made-up pid', async () => {
    const [connector] = cluster.connectors;
    const victim = await open(connector, 'vic');
    await push('vic', [1]);
    await victim.until(() => victim.of('n').length === 1);
    const { _pid: pid } = victim.socket as unknown as { _pid: string };
    for (const made of [
      { pid, offset: '1' },
      { pid: { a: 1 }, offset: [] },
      { pid: 'x.y' },
      { offset: 'z' },
    ]) {
      const thief = await open(connector, 'eve', made);
      expect([thief.socket.recovered, thief.of('n')]).toEqual([false, []]);
    }
    expect(victim.socket.connected).toBe(true);
  });

  it('comes back by itself after each refusal that passes', async () => {
    const [connector] = cluster.connectors;
    const crowd = numbers(18).map((number) => startClient(connector, { token: tokenOf(`crowd${number}`) }));
    const tries: string[] = [];
    for (const { socket } of crowd) {
      socket.io.on('reconnect_attempt', () => tries.push('again'));
      socket.on('connect_error', ({ message }) => tries.push(message));
    }
    await Promise.all(crowd.map((client) => client.next('connect')));
    expect(tries).toContain('again');
    expect(tries).not.toContain('RATE_LIMITED');
  });

  it('tries to come back after it was thrown out', async () => {
    const client = await open(cluster.connectors[0], 'cas');
    const { socket } = client;
    const gone = client.next('disconnect');
    const again = new Promise((resolve) => socket.io.once('reconnect_attempt', resolve));
    for (let sent = 0; sent < 2_000; sent += 1) socket.emit('Request', 'nonsense');
    expect(await gone).toBe('transport close');
    expect(await again).toBe(1);
  });

  it('stays away when another device took its place, or its token is no good', async () => {
    const [connector] = cluster.connectors;
    const first = await open(connector, 'dan');
    const gone = first.next('disconnect');
    await open(connector, 'dan');
    expect(await gone).toBe('io server disconnect');
    const stranger = startClient(connector, { token: 'x' });
    const error = (await stranger.next('connect_error')) as Error;
    expect([error.message, stranger.socket.active]).toEqual(['UNAUTHENTICATED', false]);
  });

  it('ends when its token has run out, and goes on where it gave a newer one in time', async () => {
    const [connector] = cluster.connectors;
    const token = (playerId: string, expiresInMs: number) => ({ token: tokenOf(playerId, { expiresInMs }) });
    const renewing = await open(connector, 'ria', token('ria', 4_000));
    const ending = await open(connector, 'tom', token('tom', 4_000));
    const answered = renewing.next('Response');
    const gone = ending.next('disconnect');
    const renew = { route: 'session.renew', data: token('ria', 600_000), timestamp: 1 };
    renewing.socket.emit('Request', renew);
    expect(await answered).toMatchObject({ data: { tokenExpiresInMs: expect.any(Number) } });
    expect(await gone).toBe('transport close');
    expect(ending.of('session.closed')).toEqual([{ code: 'TOKEN_EXPIRED', reconnect: true }]);
    // Its first token ran out before that.
    expect(renewing.of('session.closed')).toEqual([]);
    expect(renewing.socket.connected).toBe(true);
  });

  it.each([
    ['/', 200],
    ['/?probe=1', 200],
    ['/nothing', 404],
    ['/socket.io/', 400],
  ])('is answered on the same port when it asks GET %s: %d, at once', async (path, status) => {
    const calmMs = calmTime();
    const { port } = cluster.connectors[0];
    const [response] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
    expect(calmMs()).toBeLessThan(4_000);
  });

  it('is cut off when it does not finish its question', () => unfinished);

  it('sees a gap that opens while it is connected: NATS comes back without its files', async () => {
    const client = await open(cluster.connectors[0], 'gus');
    const gone = client.next('disconnect');
    await cluster.nats.restartEmpty();
    expect(await gone).toBe('transport close');
    await client.next('connect');
    expect(client.socket.recovered).toBe(false);
    await push('gus', [1]);
    await client.until(() => client.of('n').length === 1);
  });
});

/** Nobody can read again what was pushed before. */
async function emptyLog({ nats }: Cluster): Promise<void> {
  const connection = await connectNats({ servers: nats.address });
  await (await jetstreamManager(connection)).streams.purge('PUSH');
  await connection.close();
}

/** Resolves when the connection was cut off. */
async function sendHalfAQuestion(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\n');
  await once(socket, 'close');
}
