import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { JoinMatchingDto, type LeftMatching, matchingHandlers, TicketView } from '@ccgame/matchmaker';
import { type Traffic, trafficHandler } from '@ccgame/releases';
import { ClientHandler, clientHandler, RpcModule, rpcContext, RpcServer, RpcService } from '@ccgame/rpc';
import { Groups, PushService, SessionData, SessionsModule } from '@ccgame/sessions';
import { type GameNats, startGameNats, type StartedServer, startServer, untilHolds } from '@ccgame/testing';
import { Player } from './player.js';

const version = '1.0.0000';

/** Matching's own join knows its repeats by itself; this one leaves that to the store of `once`. */
const joinOnce = clientHandler({
  serverType: 'matching',
  handler: matchingHandlers.join.handler,
  payload: JoinMatchingDto,
  result: TicketView,
  retryPolicy: 'once',
});

/** A route that may not be sent again, as it says nothing about that. */
const neverAgain = clientHandler({
  serverType: 'matching',
  handler: 'never_again',
  payload: JoinMatchingDto,
  result: TicketView,
});

/** Stands in for matching: as slow as its caller says, and it writes down what it did. */
@Controller()
export class SlowMatching {
  readonly joined: string[] = [];
  /** The fence of the last call of each player. */
  readonly fences = new Map<string, number>();

  constructor(private readonly rpc: RpcService) {}

  /** `mode` says after how many ms it answers: `slow-500`, or its database: `store-500`. The connector orders its calls. */
  @ClientHandler(joinOnce)
  async join({ mode }: JoinMatchingDto): Promise<TicketView> {
    const [who, text] = mode.split('-');
    const ms = Number(text);
    if (who === 'store') await this.rpc.doRPC({ serverType: 'store', handler: 'read' }, ms);
    else await new Promise((resolve) => setTimeout(resolve, ms));
    this.joined.push(mode);
    return { ticketId: mode, mode, waitingSinceMs: 0 };
  }

  @ClientHandler(neverAgain)
  again(payload: JoinMatchingDto): Promise<TicketView> {
    return this.join(payload);
  }

  @ClientHandler(matchingHandlers.leave)
  leave(): LeftMatching {
    const { uid, fence } = rpcContext.get().attributes;
    this.fences.set(uid ?? '', Number(fence));
    return { outcome: 'not-waiting' };
  }
}

/** A real nats-server and real connectors, a back end inside of the test's process, and the players' sockets. */
export class Cluster {
  readonly connectors: StartedServer[] = [];
  private readonly players: Player[] = [];

  private constructor(
    readonly nats: GameNats,
    private readonly backEnd: INestMicroservice,
  ) {}

  static async start(connectors: number, env: Record<string, string> = {}): Promise<Cluster> {
    const nats = await startGameNats();
    const identity = { serverId: 'matching-0', serverType: 'matching', version };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: nats.address }), SessionsModule],
      controllers: [SlowMatching],
    };
    const backEnd = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
      inject: [RpcServer],
      useFactory: (strategy: RpcServer) => ({ strategy }),
      logger: false,
      abortOnError: false,
    });
    await backEnd.listen();
    const cluster = new Cluster(nats, backEnd);
    await Promise.all(Array.from({ length: connectors }, () => cluster.addConnector(env)));
    return cluster;
  }

  get push(): PushService {
    return this.backEnd.get(PushService);
  }

  get groups(): Groups {
    return this.backEnd.get(Groups);
  }

  get sessionData(): SessionData {
    return this.backEnd.get(SessionData);
  }

  get matching(): SlowMatching {
    return this.backEnd.get(SlowMatching);
  }

  /** @param entry of another connector than the app's, from the repository's folder */
  async addConnector(env: Record<string, string> = {}, entry?: string): Promise<StartedServer> {
    const ordinal = this.connectors.length;
    const where = { root: process.cwd(), nats: this.nats, logFolder: this.nats.folder };
    // Its place is taken at once: several may start at the same time.
    const starting = startServer({ ...where, serverType: 'connector', version, ordinal, env, entry });
    this.connectors.length += 1;
    const connector = (this.connectors[ordinal] = await starting);
    await connector.process.untilReady();
    return connector;
  }

  /** A player who resumes; left to itself after the test. */
  async open(at: StartedServer, playerId: string, resume?: Player['resume']): Promise<Player> {
    const player = await Player.openSession(at.port, playerId, resume);
    this.players.push(player);
    return player;
  }

  /** A player with nothing but socket.io. */
  async openPlain(at: StartedServer, playerId: string): Promise<Player> {
    const player = await Player.open(at.port, playerId);
    this.players.push(player);
    return player;
  }

  /** The value of a connector's metric over its other labels: `sessions`, `closed_total ABUSE`; 0 where it was never counted. */
  async metric(at: StartedServer, name: string): Promise<number> {
    const [metric, ...words] = name.split(' ');
    const label = words.join(' ');
    const lines = (await this.metrics(at)).split('\n');
    const isIt = (line: string) =>
      line.startsWith(`ccgame_connector_${metric}{`) && (!label || line.includes(`="${label}"`));
    return lines.filter(isIt).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** As Prometheus gets them. */
  async metrics(at: StartedServer): Promise<string> {
    return (await fetch(`http://127.0.0.1:${at.healthPort}/metrics`)).text();
  }

  /** Resolves when a metric has reached a value. */
  async untilMetric(at: StartedServer, name: string, value: number): Promise<void> {
    const seen = (): string => `${name} did not reach ${value}`;
    await untilHolds(async () => (await this.metric(at, name)) >= value, { seen, timeoutMs: 30_000 });
  }

  /** The answers that a connector gave players, as the release command asks for them. */
  trafficOf({ serverId }: StartedServer): Promise<Traffic> {
    const handler = trafficHandler('connector');
    return this.backEnd.get(RpcService).doRPC({ serverId, handler }, undefined);
  }

  leave(): void {
    for (const player of this.players.splice(0)) player.socket.disconnect();
  }

  async stop(): Promise<void> {
    this.leave();
    await Promise.all(this.connectors.map((one) => one.process.stop()));
    await this.backEnd.close();
    await this.nats.destroy();
  }
}
