import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Config } from '@ccgame/config';
import { NATS_CONNECTION } from '@ccgame/nats';
import { firstTable, ReleaseService, ReleaseStore, type TableChange } from '@ccgame/releases';
import { RpcModule, RpcServer } from '@ccgame/rpc';
import { Drain, ServerModule } from '@ccgame/server';
import { type NatsServer, startNats } from '@ccgame/testing';
import { EntityClient } from '../src/call/entity-client.js';
import type { EntityClass } from '../src/contract/decorators.js';
import { EntitiesModule } from '../src/entities.module.js';
import { EntityHost } from '../src/host/entity-host.js';

const note = { who: 'test', why: 'test', action: 'test' };

/** Stands for one server process: a NATS connection of its own, and the entities that it hosts; none: it only calls. */
export interface Host {
  app: INestMicroservice;
  client: EntityClient;
  version: string;
  hasEntities: boolean;
}

/** Servers of several versions inside of the test's process, on a real nats-server with a release table. */
export class HostCluster {
  readonly hosts: Host[] = [];
  private counter = 0;

  private constructor(
    readonly nats: NatsServer,
    readonly operator: NatsConnection,
    private readonly store: ReleaseStore,
  ) {}

  /** @param versions all live; the first one is stable */
  static async start(...[stable, ...others]: string[]): Promise<HostCluster> {
    const nats = await startNats();
    const operator = await connect({ servers: nats.address });
    const store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable(Config.CHANNEL, stable, others), note);
    return new HostCluster(nats, operator, store);
  }

  async addHost(version: string, entities: EntityClass[]): Promise<Host> {
    const serverType = Config.SERVER_TYPE;
    const serverId = `${serverType}-test-${version.replaceAll('.', '')}-${this.counter++}`;
    const identity = { serverId, serverType, version };
    const root = {
      module: class {},
      imports: [
        ServerModule,
        RpcModule.forRoot({ identity, natsAddress: this.nats.address }),
        entities.length > 0 ? EntitiesModule.forRoot({ entities }) : EntitiesModule.forCallers(),
      ],
    };
    const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
      inject: [RpcServer],
      useFactory: (strategy: RpcServer) => ({ strategy }),
      logger: false,
      abortOnError: false,
    });
    await app.listen().catch(async (error: unknown) => {
      await app.close();
      throw error;
    });
    const host = { app, client: app.get(EntityClient), version, hasEntities: entities.length > 0 };
    this.hosts.push(host);
    if (host.hasEntities) await this.untilOwned(host);
    return host;
  }

  /** A planned stop. */
  async remove({ app }: Host): Promise<void> {
    await app.get(Drain).runSteps(performance.now() + 10_000, () => undefined);
    await this.close(app);
  }

  /** As a killed process is gone for the others: in the middle of what it does, without a word. */
  async cutOff({ app }: Host): Promise<void> {
    await app.get<NatsConnection>(NATS_CONNECTION, { strict: false }).close();
    await this.close(app);
  }

  /** Resolves when every server has the new table. */
  async changeTable(change: TableChange): Promise<void> {
    const { table } = await this.store.changeTable(Config.CHANNEL, change, note);
    const hasIt = ({ app }: Host): boolean =>
      JSON.stringify(app.get(ReleaseService).currentTable()) === JSON.stringify(table);
    await until(() => this.hosts.every(hasIt));
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map(({ app }) => app.close()));
    await this.operator.close();
    await this.nats.destroy();
  }

  private async close(app: Host['app']): Promise<void> {
    this.hosts.splice(
      this.hosts.findIndex((host) => host.app === app),
      1,
    );
    await app.close();
  }

  /** The partitions of a version, all of them together. */
  private async untilOwned({ version }: Host): Promise<void> {
    const hosts = this.hosts
      .filter((one) => one.version === version && one.hasEntities)
      .map(({ app }) => app.get(EntityHost, { strict: false }));
    await until(() => new Set(hosts.flatMap((host) => host.owned())).size === hosts[0]?.partitionCount);
  }
}

/** Resolves as soon as `check` holds; fails the test when it doesn't within 30 s. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`It did not come to hold: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
