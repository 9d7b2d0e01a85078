import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { EntityClient } from '@ccgame/entities';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import {
  cpuSeconds,
  type NatsServer,
  rssMb,
  startNats,
  startServer,
  type StartedServer,
} from '@ccgame/testing';
import { round } from '../connector/statistics.js';
import { sleeper } from './sleeper.js';

const versions = { owner: '1.0.0000', other: '1.0.0001' };
const identity = { serverId: 'games-bench-0', serverType: 'games', version: versions.owner };
/** By then a process has given back all that it took at its start. */
const settleMs = 3_000;

/** A server that has the sleepers, a nats-server, and a caller in this process. */
export class Bed {
  readonly entities: EntityClient;
  private owner?: StartedServer;

  private constructor(
    private readonly nats: NatsServer,
    private readonly connection: NatsConnection,
    readonly rpc: RpcService,
  ) {
    this.entities = new EntityClient(rpc);
  }

  static async open(): Promise<Bed> {
    const nats = await startNats();
    const connection = await connect({ servers: nats.address });
    const rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 30_000 });
    const bed = new Bed(nats, connection, rpc);
    bed.owner = await bed.startServer(versions.owner);
    return bed;
  }

  /** The memory of a server that has just begun to own what is stored, MB: nothing is left in it of what the one before it did. */
  async rssOfNewOwner(): Promise<number> {
    await this.owner?.process.stop(20_000);
    this.owner = await this.startServer(versions.owner);
    return this.rssSettled(this.owner);
  }

  /** The memory of a server of another version, which owns none of the sleepers, MB. */
  async rssOfOtherVersion(): Promise<number> {
    const other = await this.startServer(versions.other);
    const rss = await this.rssSettled(other);
    await other.process.stop(20_000);
    return rss;
  }

  /** Until none of the sleepers is in the memory of its server. */
  async untilAsleep(): Promise<void> {
    while ((await readMetric(this.owner, 'ccgame_entities_live')) > 0) await sleep(200);
  }

  /** CPU that each process has taken since its start, ms. */
  cpuMs(): Record<'caller' | 'server' | 'nats', number> {
    const of = (pid = 0): number => cpuSeconds(pid) * 1_000;
    return { caller: of(process.pid), server: of(this.owner?.process.pid), nats: of(this.nats.pid) };
  }

  get natsRssMb(): number {
    return round(rssMb(this.nats.pid ?? 0), 1);
  }

  private async startServer(version: string): Promise<StartedServer> {
    const server = await startServer({
      root: process.cwd(),
      serverType: sleeper.serverType,
      version,
      nats: { addressOf: () => this.nats.address },
      logFolder: this.nats.folder,
      entry: 'dist/bench/entities/server.js',
      env: { LOG_LEVEL: 'warn' },
    });
    await server.process.untilReady();
    while ((await readMetric(server, 'ccgame_entities_partitions_owned')) < sleeper.partitions)
      await sleep(100);
    return server;
  }

  private async rssSettled({ process }: StartedServer): Promise<number> {
    await sleep(settleMs);
    return round(rssMb(process.pid ?? 0), 1);
  }

  async close(): Promise<void> {
    this.rpc.onApplicationShutdown();
    await this.connection.close();
    await this.owner?.process.stop(20_000);
    await this.nats.destroy();
  }
}

/** Its values added up. */
async function readMetric(server: StartedServer | undefined, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${server?.healthPort}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
