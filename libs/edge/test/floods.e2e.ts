import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds, Flooder, floodKinds, rssMb, type StartedServer, tokenOf } from '@ccgame/testing';
import { WebSocket } from 'ws';
import { Cluster } from './cluster.js';

const path = '/socket.io/?EIO=4&transport=websocket';
const floodMs = 7_000;
const ask = { route: 'matching.user_leave_matching', data: {} };

function logOf({ nats: { folder } }: Cluster): string {
  const name = readdirSync(folder).find((file) => file.startsWith('connector'));
  return readFileSync(join(folder, String(name)), 'utf8');
}

describe('a connection’s budget', () => {
  let cluster: Cluster;
  let connector: StartedServer;

  beforeAll(async () => {
    cluster = await Cluster.start(1);
    [connector] = cluster.connectors;
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  /** A connector that has the machine for moments only may see such a client's silence before its budget is used up for 5 s. */
  async function untilEnded(sessions: number): Promise<void> {
    const count = (why: string): Promise<number> => cluster.metric(connector, `closed_total ${why}`);
    const deadline = Date.now() + 30_000;
    while ((await count('ABUSE')) + (await count('ping timeout')) < sessions) {
      if (Date.now() > deadline) throw new Error(`${sessions} floods were not ended`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('keeps floods of every kind from the others, who come, ask and are answered', async () => {
    const friend = await cluster.openPlain(connector, 'friend');
    await friend.ask(ask);
    const [cpuBefore, rssBefore, startedAt] = [
      cpuSeconds(connector.process.pid!),
      rssMb(connector.process.pid!),
      performance.now(),
    ];
    const flooders = floodKinds.flatMap((kind) =>
      [1, 2, 3].map((number) => new Flooder(connector.port, kind, tokenOf(`${kind}-${number}`))),
    );
    for (let visitors = 0; performance.now() - startedAt < floodMs; visitors += 1) {
      const visitor = await cluster.openPlain(connector, `visitor-${visitors}`);
      expect(await visitor.ask(ask)).toHaveProperty('data');
      expect(await friend.ask(ask)).toHaveProperty('data');
      visitor.socket.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await untilEnded(6);
    const share = (cpuSeconds(connector.process.pid!) - cpuBefore) / ((performance.now() - startedAt) / 1000);
    const grownMb = rssMb(connector.process.pid!) - rssBefore;
    for (const flooder of flooders) flooder.stop();
    expect(await cluster.metric(connector, 'refused_connections_total abuse')).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.5);
    // A new process takes 50 for work of any kind, 90 on Node 24, and then no more; without budgets it would be 11 more each second.
    expect(grownMb).toBeLessThan(110);
    expect(friend.disconnected).toBeUndefined();
    expect(logOf(cluster)).not.toContain('nats.disconnected');
  }, 40_000);

  it('tells a flooder without an account why its connection ends, and reads nothing more of it', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${connector.port}${path}`);
    const closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve([code, String(reason)])),
    );
    socket.on('open', () => {
      for (let sent = 0; sent < 100; sent += 1) socket.send('3');
    });
    expect(await closed).toEqual([1008, 'ABUSE']);
  });

  it('ends with a second handshake on the same connection', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${connector.port}${path}`);
    const packets: string[] = [];
    socket.on('message', (data: Buffer) => {
      packets.push(data.toString());
      if (packets.length <= 2) socket.send('40{"token":"guess"}');
    });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(packets.filter((packet) => packet.startsWith('44'))).toHaveLength(1);
  });
});

describe('an address’ budget', () => {
  let cluster: Cluster;
  let connector: StartedServer;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start(0);
    connector = await cluster.addConnector({
      CONNECTIONS_PER_ADDRESS: '3',
      WS_ORIGINS: 'https://game.example.com',
    });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await cluster.stop();
  });

  /** `open`, or the error. */
  function connect(headers: Record<string, string>): Promise<string> {
    const socket = new WebSocket(`ws://127.0.0.1:${connector.port}${path}`, { headers });
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('error', ({ message }) => resolve(message));
    });
  }

  it('is counted for the client that the proxy names, not for what the client writes before it', async () => {
    const forwarded = (value: string) => connect({ 'X-Forwarded-For': value });
    const first = [
      forwarded('203.0.113.7'),
      forwarded('1.1.1.1, 203.0.113.7'),
      forwarded('203.0.113.7:4000'),
    ];
    expect(await Promise.all(first)).toEqual(['open', 'open', 'open']);
    expect(await forwarded('2.2.2.2, 203.0.113.7')).toBe('socket hang up');
    expect(await forwarded('203.0.113.7, 2.2.2.2')).toBe('open');
    expect(await cluster.metric(connector, 'refused_connections_total connections')).toBe(1);
  });

  it('is not for pages of other origins', async () => {
    expect(await connect({ Origin: 'https://game.example.com' })).toBe('open');
    expect(await connect({ Origin: 'https://elsewhere.example.com' })).toContain('403');
  });
});
