import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { freePort, type GameNats, labelsOf, ServerProcess, startGameNats } from '@ccgame/testing';
import { accountsWith } from '../../cli/test/accounts-with.js';
import { EntityClient } from '../src/call/entity-client.js';
import { entityStreamName, entityStreams } from '../src/storage/jetstream/entity-stream.js';
import { PartitionSubjects } from '../src/storage/partition-subjects.js';
import { DirectReader, ensureStream } from '@ccgame/jetstream';
import type { FenceHolder } from '@ccgame/ownership';

const firstVersion = '1.0.0000';
const identity = { serverId: 'games-test-0', serverType: 'games', version: firstVersion };

/** Servers of the type `play` (proof/entities) as processes, on a NATS of their own, each with its type's user, and a caller in the test's. */
export class PlayCluster {
  readonly client: EntityClient;
  readonly reader: DirectReader;
  readonly servers: ServerProcess[] = [];
  private readonly rpc: RpcService;
  connectorPort = 0;
  private connector?: ServerProcess;

  private constructor(
    readonly nats: GameNats,
    readonly connection: NatsConnection,
    private readonly env: Record<string, string>,
  ) {
    const health = new NatsHealth(connection);
    this.rpc = new RpcService(connection, health, { identity, timeoutMs: 30_000 });
    this.client = new EntityClient(this.rpc);
    this.reader = new DirectReader(connection, health);
  }

  /** @param env of the servers, besides */
  static async start(count: number, env: Record<string, string> = {}): Promise<PlayCluster> {
    const nats = await startGameNats({ accounts: accountsWith('play') });
    const cluster = new PlayCluster(nats, await connect({ servers: nats.address }), env);
    const manager = await jetstreamManager(cluster.connection);
    for (const { config } of entityStreams('play')) await ensureStream(manager, config);
    for (let ordinal = 0; ordinal < count; ordinal += 1) await cluster.addServer();
    await Promise.all(cluster.servers.map((server) => server.untilReady()));
    return cluster;
  }

  async addServer(version?: string): Promise<ServerProcess> {
    const server = await this.startProcess('play', 'main.js', this.servers.length, this.env, version);
    this.servers.push(server);
    return server;
  }

  /** @returns the port of its sockets */
  async addConnector(): Promise<number> {
    this.connectorPort = await freePort();
    const env = { WS_PORT: String(this.connectorPort) };
    this.connector = await this.startProcess('connector', 'connector.js', 0, env);
    await this.connector.untilReady();
    return this.connectorPort;
  }

  async killConnector(): Promise<void> {
    await this.connector?.kill();
    this.connector?.start();
    await this.connector?.untilReady();
  }

  private async startProcess(
    type: string,
    main: string,
    ordinal: number,
    env: Record<string, string> = {},
    version = firstVersion,
  ): Promise<ServerProcess> {
    const { serverId, serverType } = labelsOf(type, version, ordinal);
    const healthPort = await freePort();
    const server = new ServerProcess({
      serverId,
      entry: join(process.cwd(), 'dist', 'test-servers', 'proof', 'entities', main),
      healthPort,
      logFile: join(this.nats.folder, `${serverId}.log`),
      env: {
        SERVER_ID: serverId,
        SERVER_TYPE: serverType,
        VERSION: version,
        NODE_ENV: 'dev',
        NATS_ADDRESS: this.nats.addressOf(serverType),
        HEALTHY_CHECK_PORT: String(healthPort),
        ...env,
      },
    });
    server.start();
    return server;
  }

  /** The server that owns a partition, by its fence. */
  async ownerOf(key: string, version = firstVersion): Promise<ServerProcess> {
    const subject = new PartitionSubjects('play', version, key).fence;
    const { record } = await this.reader.readRecord(entityStreamName('play'), subject);
    const holder = record?.json<FenceHolder>();
    const owner = this.servers.find(({ serverId }) => serverId === holder?.serverId);
    if (!owner) throw new Error(`Nobody owns ${key}`);
    return owner;
  }

  /** The version in which an entity's state was stored last. */
  async versionOf(key: string, entity: string): Promise<string | undefined> {
    const subject = new PartitionSubjects('play', firstVersion, key).state(entity, false);
    const { record } = await this.reader.readRecord(entityStreamName('play'), subject);
    return record?.json<{ version: string }>().version;
  }

  /** A metric of all servers that run, added up. */
  async metric(name: string): Promise<number> {
    const texts = this.servers
      .filter((server) => server.isRunning)
      .map(async ({ options }) => (await fetch(`http://127.0.0.1:${options.healthPort}/metrics`)).text());
    const lines = (await Promise.all(texts)).join('\n').split('\n');
    const values = lines
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => Number(line.split(' ').at(-1)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  async stop(): Promise<void> {
    for (const server of this.servers) server.signal('SIGCONT');
    const all = [...this.servers, ...(this.connector ? [this.connector] : [])];
    await Promise.all(all.map((server) => server.stop(10_000)));
    this.reader.close();
    this.rpc.onApplicationShutdown();
    await this.connection.close();
    await this.nats.destroy();
  }
}
