import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { type NatsServer, PlayerNetwork, type StartedServer, startServer } from '@ccgame/testing';
import { until } from '../proof/k8s/pause.js';
import { Robots } from '../proof/k8s/robots.js';
import { Publisher } from '../proof/torture/publisher.js';
import { NatsOfManifests, type User } from './nats-of-manifests.js';

const replicas = 3;
const pushes = 100;

/** Until so many more pushes were acknowledged. */
async function playOn({ sent }: Publisher): Promise<void> {
  const count = (): number => [...sent.values()].reduce((sum, { length }) => sum + length, 0);
  const before = count();
  await until('pushes are stored', 60_000, () => Promise.resolve(count() >= before + pushes));
}

describe('a game on the three NATS servers of nats/cluster', () => {
  const logFolder = mkdtempSync(join(tmpdir(), 'ccgame-nats-cluster-'));
  let nats: NatsOfManifests;
  let manager: JetStreamManager;
  let servers: StartedServer[];
  let network: PlayerNetwork;

  beforeAll(async () => {
    nats = await NatsOfManifests.start('cluster');
    let turn = 0;
    const connector = (): number => servers[1 + (turn++ % 2)].port;
    network = new PlayerNetwork({ http: () => servers[0].port, connector });
    await network.open();
    servers = await Promise.all([
      start('http'),
      start('connector', 0),
      start('connector', 1),
      start('matching'),
      start('storage'),
    ]);
    await Promise.all(servers.map(({ process }) => process.untilReady()));
    const operator = await nats.as('operator');
    manager = await jetstreamManager(operator, { timeout: 1_000 });
    const store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable('production', '1.0.0000'), {
      who: 'test',
      why: 'test',
      action: 'init',
    });
  }, 120_000);

  afterAll(async () => {
    network.close();
    await Promise.all(servers.map(({ process }) => process.kill()));
    await nats.close();
    rmSync(logFolder, { recursive: true, force: true });
  });

  const start = (serverType: User, ordinal = 0): Promise<StartedServer> =>
    startServer({
      root: process.cwd(),
      serverType,
      version: '1.0.0000',
      ordinal,
      nats,
      logFolder,
      env: {
        NATS_REPLICAS: String(replicas),
        PUBLIC_HTTP_URL: network.url,
        PUBLIC_WS_URL: network.url,
      },
    });

  const leaderOf = async (stream: string): Promise<number> =>
    Number((await manager.streams.info(stream)).cluster?.leader?.split('-')[1]);

  async function startAgain(server: NatsServer): Promise<void> {
    await server.start();
    await until('all three are complete again', 30_000, async () => {
      const { cluster } = await manager.streams.info('PUSH');
      return cluster?.replicas?.every(({ current }) => current) === true;
    });
  }

  /** When a server wrote this into its log. */
  const timesOf = ({ folder }: NatsServer, words: string): string[] =>
    readFileSync(join(folder, 'nats.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(words))
      .map((line) => /[\d/]+ [\d:.]+/.exec(line)?.[0] ?? '');

  /** When a server said that it isn't ready for its storage, ms after `since`. */
  function unsoundAfter(since: Date): number[] {
    const logs = servers.map(({ process }) => readFileSync(process.options.logFile, 'utf8')).join('');
    const dayMs = 86_400_000;
    return [...logs.matchAll(/^\[(\d+):(\d+):([\d.]+)\] .*storage\.unsound/gm)].map(
      ([, hour, minute, second]) => {
        const at = new Date(since).setHours(Number(hour), Number(minute), 0, Number(second) * 1_000);
        return (at - since.getTime() + dayMs) % dayMs;
      },
    );
  }

  it('has every stream and bucket on all of them', async () => {
    const names: string[] = [];
    for await (const { config } of manager.streams.list()) {
      expect([config.name, config.num_replicas]).toEqual([config.name, replicas]);
      names.push(config.name);
    }
    expect(names).toEqual(expect.arrayContaining(['PUSH', 'MATCHES', 'KV_sessions', 'KV_releases']));
  });

  it('takes nobody for a NATS server who does not know the password', async () => {
    const socket = connect(nats.routes[0], '127.0.0.1');
    let heard = '';
    socket.on('data', (text) => (heard += text.toString()));
    socket.write(
      'CONNECT {"name":"stranger","cluster":"ccgame","verbose":false,"pedantic":false}\r\nPING\r\n',
    );
    await once(socket, 'close');
    expect(heard).toContain("-ERR 'Authorization Violation'");
  });

  it('gives its streams to the others before it stops, by the preStop of its pod', async () => {
    const leader = await leaderOf('PUSH');
    const leaving = nats.servers[leader];
    const others = nats.servers.filter((server) => server !== leaving);
    await nats.stopByPreStop(leaving);
    const newLeaders = others.flatMap((server) => timesOf(server, "new stream leader for 'GAME > PUSH'"));
    const [endsAt] = timesOf(leaving, 'Initiating JetStream Shutdown');
    expect(newLeaders.sort().at(-1)?.localeCompare(endsAt)).toBe(-1);
    await startAgain(leaving);
  });

  it('loses no push and no ticket when the leader of the push log is killed and sockets break meanwhile, and stays ready', async () => {
    const publisher = await Publisher.open(nats.addressOf('operator'));
    const robots = new Robots(network.url, publisher);
    await robots.start(6);
    const cutting = setInterval(() => network.cut(0.2), 500);
    await playOn(publisher);
    const leader = await leaderOf('PUSH');
    const killed = new Date();
    await nats.servers[leader].stop('SIGKILL');
    await until('another server leads', 30_000, async () => {
      const now = await leaderOf('PUSH');
      return now >= 0 && now !== leader;
    });
    await startAgain(nats.servers[leader]);
    await playOn(publisher);
    clearInterval(cutting);
    const account = await robots.stop();
    await publisher.close();
    expect(account).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, ticketsLost: 0 });
    expect(account.pushes).toBeGreaterThan(2 * pushes);
    // The Ingress would answer 503 for all of them, while only writes to a stream without a leader wait.
    expect(unsoundAfter(killed).filter((ms) => ms < 8_000)).toEqual([]);
  });
});
