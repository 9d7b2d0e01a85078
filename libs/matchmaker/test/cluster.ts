import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type FenceRecord, fenceSubject, matchesStream, probeSubject } from '../src/contracts/matches.js';
import { matchingOperations } from '../src/contracts/matching-operations.js';
import { ensureStream } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { type GameNats, startGameNats, type StartedServer, startServer } from '@ccgame/testing';
import { partitionOf } from '../src/pool/partition.js';
import { Player } from './player.js';

/** The version of all servers and players where a test says nothing else. */
const version = '1.0.0000';
const identity = { serverId: 'games-test-0', serverType: 'games', version };
const timeoutMs = 5_000;

/** A connector and matching servers, as processes, and players who come through the connector. */
export class Cluster {
  readonly rpc: RpcService;
  private readonly matching: StartedServer[] = [];
  private readonly others: StartedServer[] = [];
  private readonly players: Player[] = [];
  private connector?: StartedServer;
  private counter = 0;
  private probes = 0;

  private constructor(
    private readonly nats: GameNats,
    readonly connection: NatsConnection,
  ) {
    this.rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs });
    connection.subscribe(probeSubject, { callback: () => void (this.probes += 1) });
  }

  /** @param env more variables of the matching servers, and of the connector */
  static async start(
    count: number,
    modes: object[],
    env: Record<string, string> = {},
    connectorEnv: Record<string, string> = {},
  ): Promise<Cluster> {
    const nats = await startGameNats();
    const cluster = new Cluster(nats, await connect({ servers: nats.address }));
    for (const mode of modes) await cluster.declare(mode as { name: string });
    cluster.connector = await cluster.startServer('connector', 0, connectorEnv);
    for (let ordinal = 0; ordinal < count; ordinal += 1) await cluster.addMatching(env);
    await Promise.all([cluster.connector, ...cluster.matching].map((one) => one.process.untilReady()));
    return cluster;
  }

  async addMatching(env: Record<string, string> = {}, ofVersion = version): Promise<StartedServer> {
    const server = await this.startServer('matching', this.matching.length, env, ofVersion);
    this.matching.push(server);
    return server;
  }

  /** A server for game servers to report to; gives what it answers, as a status, to a result of a match. */
  async addHttp(): Promise<(matchId: string, scores: Record<string, number>) => Promise<number>> {
    const key = 'a-key-of-the-matching-tests-0123456789';
    const server = await this.startServer('http', 0, { SERVER_KEY: key });
    this.others.push(server);
    await server.process.untilReady();
    return async (matchId, scores) => {
      const response = await fetch(`http://127.0.0.1:${server.port}/v1/matches/${matchId}/result`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          scores: Object.entries(scores).map(([playerId, score]) => ({ playerId, score })),
        }),
      });
      await response.text();
      return response.status;
    };
  }

  /** Puts a mode into the bucket, as an operator does at run time; undefined deletes it. */
  async declare(
    { name, ...rest }: { name: string; [field: string]: unknown },
    isGone = false,
  ): Promise<void> {
    const bucket = {
      max_msgs_per_subject: 5,
      allow_direct: true,
      allow_rollup_hdrs: true,
      deny_delete: true,
    };
    const manager = await jetstreamManager(this.connection);
    await ensureStream(manager, {
      name: 'KV_modes',
      subjects: ['$KV.modes.>'],
      max_bytes: 2 ** 24,
      ...bucket,
    });
    await jetstream(this.connection).publish(
      `$KV.modes.${name}`,
      isGone ? '' : JSON.stringify({ name, ...rest }),
    );
  }

  async player(id = `p${this.counter++}`, ofVersion = version): Promise<Player> {
    const player = await Player.open(id, `http://127.0.0.1:${this.connector?.port}`, ofVersion);
    this.players.push(player);
    return player;
  }

  async some(count: number): Promise<Player[]> {
    return Promise.all(Array.from({ length: count }, () => this.player()));
  }

  /** Open tickets of all modes, as the release command asks it. */
  async countTickets(): Promise<number> {
    const { tickets } = await this.rpc.doRPC({ handler: matchingOperations.countTickets }, { version });
    return tickets;
  }

  /** The metrics of all matching servers, as Prometheus reads them. */
  async metrics(): Promise<string> {
    const texts = this.matching.map(async ({ healthPort }) =>
      (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text(),
    );
    const lines = (await Promise.all(texts)).join('\n').split('\n');
    return lines.filter((line) => line.startsWith('ccgame_matching_')).join('\n');
  }

  /** It grows with each thing that is stored in the stream; the servers' probes of it don't count. */
  async lastSequence(): Promise<number> {
    const manager = await jetstreamManager(this.connection);
    for (;;) {
      const before = this.probes;
      const { state } = await manager.streams.info(matchesStream.name);
      await this.connection.flush();
      if (this.probes === before) return state.last_seq - before;
    }
  }

  /** SIGKILL of the server that holds a mode's only partition. */
  async killOwner(mode: string): Promise<StartedServer> {
    const manager = await jetstreamManager(this.connection);
    const subject = fenceSubject(partitionOf({ name: mode, hardKeys: [] }, { version, attributes: {} }));
    const found = await manager.streams.getMessage(matchesStream.name, { last_by_subj: subject });
    const { serverId } = found?.json<FenceRecord>() ?? {};
    const owner = this.matching.find((server) => server.serverId === serverId);
    if (!owner) throw new Error(`Nobody owns ${subject}`);
    await owner.process.kill();
    return owner;
  }

  /** Starts a killed server again. */
  async restart({ process: server }: StartedServer): Promise<void> {
    server.start();
    await server.untilReady();
  }

  async stop(): Promise<void> {
    for (const player of this.players) player.close();
    const servers = [...this.matching, ...this.others, ...(this.connector ? [this.connector] : [])];
    await Promise.all(servers.map((server) => server.process.stop(10_000)));
    this.rpc.onApplicationShutdown();
    await this.connection.close();
    await this.nats.destroy();
  }

  private startServer(
    serverType: string,
    ordinal: number,
    env: Record<string, string>,
    ofVersion = version,
  ): Promise<StartedServer> {
    const where = { root: process.cwd(), nats: this.nats, logFolder: this.nats.folder };
    return startServer({ ...where, serverType, version: ofVersion, ordinal, env });
  }
}
