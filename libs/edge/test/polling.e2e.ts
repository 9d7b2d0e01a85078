import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net';
import { connect } from '@ccgame/client';
import { tokenOf } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import { PlainClient } from './plain-client.js';

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const transports = ['polling'];

/** One request of engine.io's long-polling, by hand. */
async function poll(port: number, query = '', body?: string): Promise<{ status: number; text: string }> {
  const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling${query}`;
  const response = await fetch(url, { method: body === undefined ? 'GET' : 'POST', body });
  return { status: response.status, text: await response.text() };
}

async function openByHand(port: number): Promise<string> {
  const { text } = await poll(port);
  return `&sid=${(JSON.parse(text.slice(1)) as { sid: string }).sid}`;
}

/** A player who was welcomed, and has answered the pings until then as a client does. */
async function openPlayer(port: number, playerId: string): Promise<string> {
  const sid = await openByHand(port);
  await poll(port, sid, `40${JSON.stringify({ token: tokenOf(playerId) })}`);
  for (;;) {
    const { status, text } = await poll(port, sid);
    expect(status).toBe(200);
    if (text.includes('40{')) return sid;
    if (text.split('\x1e').includes('2')) await poll(port, sid, '3');
  }
}

/** A proxy that lets no WebSocket through, and says nothing of it. */
function proxyTo(port: number): Server {
  return createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (head) => {
      if (/^upgrade: websocket/im.test(head.toString('latin1'))) return;
      const server = connectTcp(port, '127.0.0.1', () => server.write(head));
      server.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('close', () => server.destroy());
      client.pipe(server).pipe(client);
    });
  }).listen(0, '127.0.0.1');
}

describe('a client whose proxy blocks WebSockets', () => {
  let cluster: Cluster;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start(2, { LONG_POLLING: 'on', WS_ORIGINS: 'https://play.example.com' });
    await cluster.addConnector();
  });
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.disconnect();
  });
  afterAll(() => cluster.stop());

  async function open(port: number, playerId: string): Promise<PlainClient> {
    const client = new PlainClient(port, { token: tokenOf(playerId) }, transports);
    clients.push(client);
    await client.next('connect');
    return client;
  }

  it('asks, is answered and pushed, and resumes elsewhere when its connector is killed, by polling alone', async () => {
    const [here, doomed] = cluster.connectors;
    const client = await open(doomed.port, 'ann');
    const answered = client.next('Response');
    const join = { route: 'matching.user_join_matching', data: { mode: 'slow-1' }, timestamp: 1 };
    client.socket.emit('Request', join);
    expect(await answered).toMatchObject({ timestamp: 1, data: { ticketId: 'slow-1' } });
    for (const number of numbers(20)) await cluster.push.toPlayer('ann', 'n', number);
    await client.until(() => client.of('n').length === 20);
    await doomed.process.kill();
    for (const number of numbers(20, 20)) await cluster.push.toPlayer('ann', 'n', number);
    await client.reconnectAt(here.port);
    await client.until(() => client.of('n').length >= 40);
    expect(client.of('n')).toEqual(numbers(40));
    expect(client.socket.recovered).toBe(true);
    expect(client.socket.io.engine.transport.name).toBe('polling');
  });

  it('finds by itself that it has to poll, where it has the SDK', async () => {
    const proxy = proxyTo(cluster.connectors[0].port);
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const client = connect({ url, token: tokenOf('dora'), version: '1.0.0000', polling: true });
    const pushed = new Promise((resolve) => client.on('n', resolve));
    await client.ready;
    await cluster.push.toPlayer('dora', 'n', 7);
    expect(await pushed).toBe(7);
    expect(await client.request('matching.user_leave_matching', undefined)).toEqual({
      outcome: 'not-waiting',
    });
    client.close();
    proxy.close();
  });

  it.each([
    ['python-socketio, whose handlers take one argument', '1764435600.123456', 1],
    ['JavaScript', 'pq3kx9abc', 2],
  ])('gets a push as its library takes it: %s', async (_, time, count) => {
    const [here] = cluster.connectors;
    const { text: opened } = await poll(here.port, `&t=${time}`);
    const sid = `&sid=${(JSON.parse(opened.slice(1)) as { sid: string }).sid}`;
    const playerId = `reader${count}`;
    await poll(here.port, sid, `40${JSON.stringify({ token: tokenOf(playerId) })}`);
    let text = '';
    const readOn = async (): Promise<void> => {
      const read = await poll(here.port, sid);
      expect(read.status).toBe(200);
      text += `${read.text}\x1e`;
      // As a client answers.
      if (read.text.split('\x1e').includes('2')) await poll(here.port, sid, '3');
    };
    while (!text.includes('40{')) await readOn();
    await cluster.push.toPlayer(playerId, 'n', 1);
    while (!text.includes('"n"')) await readOn();
    const push = text.split('\x1e').find((packet) => packet.includes('"n"')) ?? '';
    expect((JSON.parse(push.slice(2)) as unknown[]).slice(1)).toHaveLength(count);
  });

  it('is told why it is closed, as by a WebSocket', async () => {
    const [here] = cluster.connectors;
    const first = await open(here.port, 'ben');
    const gone = first.next('disconnect');
    await open(here.port, 'ben');
    await gone;
    expect(first.of('session.closed')).toMatchObject([{ code: 'KICKED', reconnect: false }]);
  });

  it('pays for what it sends: a flood without an account ends', async () => {
    const [here] = cluster.connectors;
    const sid = await openByHand(here.port);
    const flood = Array.from({ length: 200 }, () => '4x').join('\x1e');
    await poll(here.port, sid, flood);
    await cluster.untilMetric(here, 'refused_connections_total abuse', 1);
    const friend = await open(here.port, 'cleo');
    await cluster.push.toPlayer('cleo', 'n', 1);
    await friend.until(() => friend.of('n').length === 1);
    // It reads that it was closed, and then there is no such session.
    let status = 200;
    while (status === 200) ({ status } = await poll(here.port, sid));
    expect(status).toBe(400);
  });

  it.each([
    ['messages before its token', '', '4x', 21_000],
    ['heartbeats before its token', '', '3', 32_000],
    ['heartbeats of a player', 'max', '3', 32_000],
  ])('pays for each packet of a body before it is decoded: %s', async (_, playerId, packet, count) => {
    const [here] = cluster.connectors;
    const sid = playerId ? await openPlayer(here.port, playerId) : await openByHand(here.port);
    const body = Array.from({ length: count }, () => packet).join('\x1e');
    await poll(here.port, sid, body);
    expect((await poll(here.port, sid)).status).toBe(400);
  });

  it('has the budget of its player, who has no new one by another session', async () => {
    const [here] = cluster.connectors;
    const sendHeartbeats = async (playerId: string, count: number): Promise<number> => {
      const sid = await openPlayer(here.port, playerId);
      await poll(here.port, sid, Array.from({ length: count }, () => '3').join('\x1e'));
      return (await poll(here.port, sid)).status;
    };
    expect(await sendHeartbeats('rest', 100)).toBe(200);
    expect(await sendHeartbeats('more', 32_000)).toBe(400);
    expect(await sendHeartbeats('more', 100)).toBe(400);
  });

  it('over the budget is held back first, as by a WebSocket, and answered', async () => {
    const [here] = cluster.connectors;
    const sid = await openPlayer(here.port, 'ida');
    const beats = Array.from({ length: 64 }, () => '3').join('\x1e');
    // 64 x 10 us each: some 20 ms of a core, where the burst is 15 and 4.5 more come in a second.
    for (let body = 0; body < 32; body += 1) await poll(here.port, sid, beats);
    const join = { route: 'matching.user_join_matching', data: { mode: 'slow-1' }, timestamp: 1 };
    expect((await poll(here.port, sid, `42${JSON.stringify(['Request', join])}`)).status).toBe(200);
    let text = '';
    while (!text.includes('"ticketId"')) {
      const read = await poll(here.port, sid);
      expect(read).toMatchObject({ status: 200 });
      text += read.text;
      if (read.text.split('\x1e').includes('2')) await poll(here.port, sid, '3');
    }
  });

  it('is no second transport, and no script, by a name in another spelling', async () => {
    const [here] = cluster.connectors;
    const sid = await openByHand(here.port);
    expect((await poll(here.port, '&%6a=0')).text).toBe('Only WebSocket\n');
    const upgrade = `GET /socket.io/?EIO=4&transport=websocket&%73${sid.slice(2)} HTTP/1.1\r\nHost: x\r\n`;
    const headers = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    const socket = connectTcp(here.port, '127.0.0.1');
    socket.write(`${upgrade}${headers}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('No sid');
    socket.destroy();
  });

  it('sends one request a connection, of a told length, within the limit of a message', async () => {
    const [here] = cluster.connectors;
    const sid = await openByHand(here.port);
    expect((await poll(here.port, sid, `4${'x'.repeat(70_000)}`)).status).toBe(413);
    const chunked = await fetch(`http://127.0.0.1:${here.port}/socket.io/?EIO=4&transport=polling${sid}`, {
      method: 'POST',
      duplex: 'half',
      body: new Blob(['4x']).stream(),
    } as RequestInit);
    expect(chunked.status).toBe(400);
    expect(chunked.headers.get('connection')).toBe('close');
  });

  it('polls from the game’s own pages alone', async () => {
    const [here] = cluster.connectors;
    const from = async (origin: string) => {
      const url = `http://127.0.0.1:${here.port}/socket.io/?EIO=4&transport=polling`;
      const { status, headers } = await fetch(url, { headers: { origin } });
      return [status, headers.get('access-control-allow-origin')];
    };
    expect(await from('https://play.example.com')).toEqual([200, 'https://play.example.com']);
    expect(await from('https://other.example.com')).toEqual([403, null]);
  });

  it('is refused where the game has not switched it on', async () => {
    const [, , without] = cluster.connectors;
    expect(await poll(without.port)).toEqual({ status: 400, text: 'Only WebSocket\n' });
  });
});
