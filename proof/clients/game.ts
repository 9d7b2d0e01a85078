import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from '@ccgame/nats';
import { addVersion, firstTable, markLive, promoteVersion, ReleaseStore } from '@ccgame/releases';
import { RpcModule } from '@ccgame/rpc';
import { PushService, SessionsModule } from '@ccgame/sessions';
import {
  type GameNats,
  PlayerNetwork,
  startGameNats,
  type StartedServer,
  startServer,
} from '@ccgame/testing';

export const versions = ['1.0.0000', '1.0.0001'] as const;
const channel = 'production';
const note = { who: 'test:clients', why: 'a release', action: 'release' };

/** Every server that a game needs, behind the players' network, which leads all players to one connector. */
export class Game {
  private readonly network: PlayerNetwork;
  private readonly servers: StartedServer[] = [];
  private current?: StartedServer;

  private constructor(
    private readonly nats: GameNats,
    private readonly backEnd: INestApplicationContext,
  ) {
    this.network = new PlayerNetwork({
      connector: () => (this.current?.process.isRunning ? this.current.port : undefined),
      http: () => this.servers[0].port,
    });
  }

  static async start(): Promise<Game> {
    const nats = await startGameNats();
    const identity = { serverId: 'pusher-0', serverType: 'pusher', version: versions[0] };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: nats.address }), SessionsModule],
    };
    const backEnd = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    const game = new Game(nats, backEnd);
    await game.network.open();
    await Promise.all([game.addServer('http'), game.addServer('matching')]);
    game.current = await game.addServer('connector');
    await (await game.releases()).writeFirstTable(firstTable(channel, versions[0]), note);
    return game;
  }

  get url(): string {
    return this.network.url;
  }

  async push(playerId: string, route: string, data: unknown): Promise<void> {
    await this.backEnd.get(PushService).toPlayer(playerId, route, data);
  }

  /** Kills the players' connector; they are led to another one, which is there already. */
  async killConnector(): Promise<void> {
    await this.replaceConnector(versions[0], 1, (before) => before.process.kill());
  }

  /** Stops the players' connector as a rolling update does. @throws Error unless it ended by itself */
  async stopConnector(): Promise<void> {
    await this.replaceConnector(versions[0], 2, endInPeace);
  }

  /** Brings up the next version, gives it the players, and ends the one before. */
  async release(): Promise<void> {
    const [, next] = versions;
    const releases = await this.releases();
    await releases.changeTable(channel, addVersion(next), note);
    await Promise.all([this.addServer('http', next), this.addServer('matching', next)]);
    await this.replaceConnector(next, 0, async (before) => {
      await releases.changeTable(channel, markLive(next), note);
      await releases.changeTable(channel, promoteVersion(next), note);
      await endInPeace(before);
    });
  }

  async stop(): Promise<void> {
    this.network.close();
    await Promise.all(this.servers.map(({ process }) => process.stop()));
    await this.backEnd.close();
    await this.nats.destroy();
  }

  private async replaceConnector(
    version: string,
    ordinal: number,
    end: (before: StartedServer) => Promise<unknown>,
  ): Promise<void> {
    const before = this.current;
    this.current = await this.addServer('connector', version, ordinal);
    if (before) await end(before);
  }

  private async addServer(
    serverType: string,
    version = versions[0] as string,
    ordinal = 0,
  ): Promise<StartedServer> {
    const server = await startServer({
      root: process.cwd(),
      serverType,
      version,
      ordinal,
      nats: this.nats,
      logFolder: this.nats.folder,
      env: { PUBLIC_HTTP_URL: this.url, PUBLIC_WS_URL: this.url },
    });
    this.servers.push(server);
    await server.process.untilReady(60_000);
    return server;
  }

  private releases(): Promise<ReleaseStore> {
    return ReleaseStore.open(this.backEnd.get<NatsConnection>(NATS_CONNECTION));
  }
}

async function endInPeace({ serverId, process }: StartedServer): Promise<void> {
  const how = await process.stop(30_000);
  if (how !== 'exit code 0') throw new Error(`${serverId} ended by ${how}`);
}
