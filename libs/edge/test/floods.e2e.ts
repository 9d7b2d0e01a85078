import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Flooder,
  type FloodKind,
  floodKinds,
  rssMb,
  type StartedServer,
  tokenOf,
  untilHolds,
} from '@ccgame/testing';
import { WebSocket } from 'ws';
import { AskingPlayers } from './asking-players.js';
import { Cluster } from './cluster.js';

const path = '/socket.io/?EIO=4&transport=websocket';
/** So many windows in the calm and as many in the flood, in turn, so that other work of the machine falls on both. */
const windows = 3;
/** Each flood sends so much, however slow the machine. */
const leastMb = 3;
/** In a flood the players have at least this share of the answers of the calm. Without budgets they get none. */
const leastAnswered = 0.2;
/** From the warm connector to the end of all floods, which send far more. Node takes half of it for work of any kind. */
const mostMb = 200;

function logOf({ nats: { folder } }: Cluster): string {
  const name = readdirSync(folder).find((file) => file.startsWith('connector'));
  return readFileSync(join(folder, String(name)), 'utf8');
}

/** Connections of a process of their own, which rest until they are told. */
class Flood {
  private readonly process: ChildProcess;

  constructor(port: number, kind: FloodKind, connections: number) {
    const args = [port, kind, connections, 'resting'].map(String);
    this.process = fork('dist/bench/connector/flood.js', args);
  }

  async ready(): Promise<void> {
    await once(this.process, 'message');
  }

  begin(): void {
    this.process.send('flood');
  }

  async rest(): Promise<{ opened: number; sentMb: number }> {
    this.process.send('rest');
    const [count] = (await once(this.process, 'message')) as [{ opened: number; sentMb: number }];
    return count;
  }

  end(): void {
    this.process.kill('SIGKILL');
  }
}

describe('a connection’s budget', () => {
  let cluster: Cluster;
  let connector: StartedServer;
  let players: AskingPlayers;
  const floods: Flood[] = [];
  let warmMb: number;

  beforeAll(async () => {
    // As the manifest has it: Node's own young heap grows by work of any kind.
    cluster = await Cluster.start(1, { NODE_OPTIONS: '--max-semi-space-size=8' });
    [connector] = cluster.connectors;
    players = await AskingPlayers.open(cluster, connector);
    // A new process grows by work of any kind.
    for (let window = 0; window < 10; window += 1) await players.play();
    warmMb = rssMb(connector.process.pid!);
  });
  afterEach(() => floods.splice(0).forEach((one) => one.end()));
  afterAll(() => cluster.stop());

  async function startFlood(kind: FloodKind, connections: number): Promise<Flood> {
    const flood = new Flood(connector.port, kind, connections);
    floods.push(flood);
    await flood.ready();
    return flood;
  }

  it.each(floodKinds)(
    'keeps a flood of %s from the others, who come, ask and are answered',
    async (kind) => {
      const of20 = await startFlood(kind, 20);
      let [calm, flooded, inFlood] = [0, 0, { opened: 0, sentMb: 0 }];
      for (let window = 0; window < windows || inFlood.sentMb < leastMb; window += 1) {
        calm += await players.play();
        of20.begin();
        flooded += await players.play();
        inFlood = await of20.rest();
      }
      // The players feel what this leaves, by `npm run bench:connector -- --only floods`.
      expect(flooded / calm).toBeGreaterThan(leastAnswered);
      expect(inFlood.opened).toBeGreaterThanOrEqual(20 * windows);
      expect(players.gone).toEqual([]);
      expect(logOf(cluster)).not.toContain('nats.disconnected');
    },
    90_000,
  );

  it('ends those who flood on with an account, and has not grown by all of it', async () => {
    const ended = () => cluster.metric(connector, 'closed_total ABUSE');
    const before = await ended();
    const kinds = ['fragments', 'acks', 'pings'] as const;
    const started = await Promise.all(kinds.map((kind) => startFlood(kind, 5)));
    for (const one of started) one.begin();
    // Nothing is read of the third kind, which doesn't read either, until its heartbeat is missed.
    await untilHolds(async () => (await ended()) - before >= 10, { seen: ended });
    expect(rssMb(connector.process.pid!) - warmMb).toBeLessThan(mostMb);
    expect(await cluster.metric(connector, 'refused_connections_total abuse')).toBeGreaterThan(0);
  });

  it('ends one who floods on by another connection each second, as none has a budget of its own', async () => {
    const ended = (): Promise<number> => cluster.metric(connector, 'closed_total ABUSE');
    const before = await ended();
    for (let seconds = 0; (await ended()) === before; seconds += 1) {
      expect(seconds).toBeLessThan(15);
      const flooder = new Flooder(connector.port, 'acks', tokenOf('comes-back'), { doesReturn: false });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      flooder.stop();
    }
  }, 30_000);

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
