import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { EntityClient } from '@ccgame/entities';
import { NatsHealth } from '@ccgame/nats';
import { firstTable, promoteVersion, ReleaseStore } from '@ccgame/releases';
import { RpcService } from '@ccgame/rpc';
import {
  type GameNats,
  PlayerNetwork,
  PostgresServer,
  ServerFleet,
  startGameNats,
  type StartServerOptions,
} from '@ccgame/testing';

export const [version, nextVersion] = ['1.0.0000', '1.0.0001'];
const channel = 'production';
const note = { who: 'torture', why: 'torture', action: 'torture' };
const identity = { serverId: 'games-torture-0', serverType: 'games', version };

export interface StackSize {
  /** Where rooms are stored: a nats-server, or a PostgreSQL of this run's own. */
  store: 'jetstream' | 'postgres';
  /** Servers of the first version, */
  arenas: number;
  /** how many there are once it was scaled up, */
  most: number;
  /** and down. */
  least: number;
  nextArenas: number;
  connectors: number;
}

type Settings = Pick<StartServerOptions, 'entry' | 'env'>;

/** Ports of the players' network: see `PlayerNetwork.open`. */
const ports = 4;
/** A third of what the manifest gives. */
const patient = { STOP_TIMEOUT_SECONDS: '40' };

function settingsOf(serverVersion: string, type: string, root: string, database?: string): Settings {
  if (type !== 'arena') return { env: patient };
  const hook = pathToFileURL(join(root, 'proof/torture-rooms/next-rules.mjs'));
  const isNext = serverVersion === nextVersion;
  const env = {
    ...patient,
    ...(database !== undefined && { ARENA_DATABASE: database }),
    ...(isNext && { NODE_OPTIONS: `--import=${hook.href}` }),
  };
  if (database !== undefined) return { entry: 'dist/proof/torture-rooms/postgres-arena.js', env };
  // The module of the rules is exchanged while Node loads it, which the bundle of a server doesn't have on its own.
  return isNext ? { entry: 'dist/apps/arena/src/main.js', env } : { env };
}

/** Arena servers of two versions with other rules, connectors, a nats-server of their own, and a back end that opens rooms. */
export class ArenaStack {
  /** The version that players get, and rooms are in. */
  stable = version;

  private constructor(
    readonly root: string,
    readonly nats: GameNats,
    readonly fleet: ServerFleet,
    readonly network: PlayerNetwork,
    readonly entities: EntityClient,
    readonly size: StackSize,
    /** Undefined: rooms are in JetStream. */
    readonly postgres: PostgresServer | undefined,
    private readonly store: ReleaseStore,
    private readonly closeClients: () => Promise<void>,
  ) {}

  static async start(size: StackSize, root = process.cwd()): Promise<ArenaStack> {
    const { arenas, nextArenas, connectors } = size;
    const nats = await startGameNats();
    const postgres = size.store === 'postgres' ? await PostgresServer.start() : undefined;
    const fleet = new ServerFleet({
      root,
      nats,
      logFolder: nats.folder,
      settingsOf: (one, type) => settingsOf(one, type, root, postgres?.connectionString),
    });
    const connection = await connectOn(nats.address);
    const store = await ReleaseStore.open(connection);
    await store.writeFirstTable(firstTable(channel, version, [nextVersion]), note);
    const network = new PlayerNetwork({ connector: (one) => fleet.choosePort('connector', one) });
    network.version = version;
    await network.open(ports);
    await Promise.all([
      fleet.add('arena', arenas, version),
      fleet.add('arena', nextArenas, nextVersion),
      fleet.add('connector', connectors, version),
    ]);
    const rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 30_000 });
    const closeClients = async (): Promise<void> => {
      rpc.onApplicationShutdown();
      await connection.close();
    };
    const entities = new EntityClient(rpc);
    return new ArenaStack(root, nats, fleet, network, entities, size, postgres, store, closeClients);
  }

  /** Where players connect, each in turn. */
  get playerUrls(): string[] {
    return Array.from({ length: ports }, () => this.network.url);
  }

  /** From now on players get this version, and rooms go there. */
  async promote(to: string): Promise<void> {
    await this.store.changeTable(channel, promoteVersion(to), note);
    this.stable = to;
  }

  /** @param keepsLogs for a look at what went wrong */
  async stop(keepsLogs: boolean): Promise<void> {
    this.network.close();
    for (const id of this.fleet.servers.keys()) this.fleet.signal(id, 'SIGCONT');
    await this.closeClients();
    await this.fleet.stopAll();
    await this.postgres?.destroy();
    await (keepsLogs ? this.nats.stop('SIGKILL') : this.nats.destroy());
  }
}

function connectOn(servers: string): Promise<NatsConnection> {
  return connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
}
