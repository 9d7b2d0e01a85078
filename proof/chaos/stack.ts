import {
  type GameNats,
  natsOptions,
  PlayerNetwork,
  SmallDisk,
  startGameNats,
  type StartedServer,
  startServer,
} from '@ccgame/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const types = ['storage', ...['http', 'connector', 'matching', 'arena'].flatMap((type) => [type, type])];

/** Real servers of every type, nats-server on a small disk of its own, and the players' network before them. */
export class Stack {
  private constructor(
    readonly nats: GameNats,
    readonly disk: SmallDisk,
    readonly operator: NatsConnection,
    readonly servers: StartedServer[],
    readonly network: PlayerNetwork,
    private readonly starting: Set<StartedServer>,
  ) {}

  static async start(): Promise<Stack> {
    const server = await natsOptions();
    const disk = SmallDisk.mount(server.folder);
    const nats = await startGameNats({ server });
    const operator = await connect({
      servers: nats.address,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const servers: StartedServer[] = [];
    let turn = 0;
    const starting = new Set<StartedServer>();
    const portOf = (type: string): number | undefined => {
      const isChosen = (one: StartedServer): boolean => one.process.isRunning && !starting.has(one);
      const all = servers.filter((one) => one.serverType === type && isChosen(one));
      return all[turn++ % all.length]?.port;
    };
    const network = new PlayerNetwork({
      connector: () => portOf('connector'),
      http: () => portOf('http') ?? 1,
    });
    network.version = '1.0.0000';
    await network.open();
    for (const [place, serverType] of types.entries()) {
      const where = { root: process.cwd(), nats, logFolder: nats.folder };
      const ordinal = types.slice(0, place).filter((type) => type === serverType).length;
      servers.push(await startServer({ ...where, serverType, ordinal, version: '1.0.0000' }));
    }
    await Promise.all(servers.map((server) => server.process.untilReady()));
    return new Stack(nats, disk, operator, servers, network, starting);
  }

  /** The first server of a type. */
  one(serverType: string): StartedServer {
    const found = this.servers.find((server) => server.serverType === serverType);
    if (!found) throw new Error(`There is no ${serverType}`);
    return found;
  }

  /** Starts a server again. As a Service would, the network chooses it once it is ready. */
  startAgain(server: StartedServer): void {
    this.starting.add(server);
    server.process.start();
    const forget = (): void => void this.starting.delete(server);
    server.process.untilReady().then(forget, forget);
  }

  async stop(): Promise<void> {
    this.network.close();
    await Promise.all(this.servers.map((server) => server.process.kill()));
    await this.operator.close();
    await this.nats.stop('SIGKILL');
    this.disk.unmount();
    await this.nats.destroy();
  }
}
