import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FloodKind, rssMb, type StartedServer } from '@ccgame/testing';
import { WebSocket } from 'ws';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';

const path = '/socket.io/?EIO=4&transport=websocket';
/** A connection without an account is cut off at once; one with an account is slowed down for 5 s before. */
const floodsTogether: FloodKind[][] = [['pongs'], ['connects'], ['http'], ['fragments', 'acks', 'pings']];
const ask = { route: 'matching.user_leave_matching', data: {} };
/** That on a machine that has other work, ms. */
const busyMs = 75;

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

  /** Players come, ask and are answered meanwhile. Returns the 95th percentile of a player's answers, ms. */
  async function play(forMs: number, friend: Player, name: string): Promise<number> {
    const took: number[] = [];
    const until = performance.now() + forMs;
    for (let visitors = 0; performance.now() < until; visitors += 1) {
      const visitor = await cluster.openPlain(connector, `${name}-${visitors}`);
      expect(await visitor.ask(ask)).toHaveProperty('data');
      visitor.socket.disconnect();
      for (let asked = 0; asked < 10; asked += 1) {
        const since = performance.now();
        expect(await friend.ask(ask)).toHaveProperty('data');
        took.push(performance.now() - since);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? 0;
  }

  it('keeps floods of every kind from the others, who come, ask and are answered', async () => {
    const { pid } = connector.process;
    const friend = await cluster.openPlain(connector, 'friend');
    const calmMs = await play(1_500, friend, 'calm');
    const p95: number[] = [];
    const rss: number[] = [];
    for (const kinds of floodsTogether) {
      const floods = kinds.map((kind) =>
        fork('dist/bench/connector/flood.js', [String(connector.port), kind, '20']),
      );
      await Promise.all(floods.map((flood) => once(flood, 'message')));
      p95.push(await play(kinds.length === 1 ? 2_000 : 7_000, friend, kinds.join('-')));
      rss.push(rssMb(pid!));
      if (kinds.length > 1) await untilEnded(40);
      for (const flood of floods) flood.kill('SIGKILL');
    }
    // 2 x the calm; a machine on which others build adds moments of its own to either.
    const mostMs = 2 * Math.max(calmMs, busyMs);
    expect(p95.filter((ms) => ms > mostMs)).toEqual([]);
    // A new process takes 50 for work of any kind, 90 on Node 24, and then no more; without budgets it would be 11 more each second.
    expect(rss[rss.length - 1] - rss[0]).toBeLessThan(110);
    expect(await cluster.metric(connector, 'refused_connections_total abuse')).toBeGreaterThan(0);
    expect(friend.disconnected).toBeUndefined();
    expect(logOf(cluster)).not.toContain('nats.disconnected');
  }, 90_000);

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
