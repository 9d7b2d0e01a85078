import { freePort } from '../servers/free-port.js';
import type { NatsUsers } from './nats-accounts.js';
import { NatsServer } from './nats-server.js';
import { natsOptions } from './start-nats.js';

/** Three nats-servers with JetStream that form one cluster, without users. Faults are done to one of them, the next in turn. */
export class NatsCluster implements NatsUsers {
  private turn = 0;

  private constructor(private readonly servers: readonly NatsServer[]) {}

  /** @throws NatsProblem as {@link startNats} */
  static async start(): Promise<NatsCluster> {
    const routes = await Promise.all([freePort(), freePort(), freePort()]);
    const places = routes.map((port, index) => ({ serverName: `nats-${index}`, port, routes }));
    return new NatsCluster(
      await Promise.all(
        places.map(async (cluster) => NatsServer.start({ ...(await natsOptions()), cluster })),
      ),
    );
  }

  /** All three, comma-separated, as NATS_ADDRESS takes them. */
  get address(): string {
    return this.servers.map(({ address }) => address).join(',');
  }

  /** The same for all. */
  addressOf(): string {
    return this.address;
  }

  get folder(): string {
    return this.servers[0].folder;
  }

  async restart(signal: NodeJS.Signals): Promise<void> {
    this.turn += 1;
    await this.current.restart(signal);
  }

  pause(): void {
    this.turn += 1;
    this.current.pause();
  }

  /** The one that was paused last. */
  resume(): void {
    this.current.resume();
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop(signal)));
  }

  async destroy(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.destroy()));
  }

  private get current(): NatsServer {
    return this.servers[this.turn % this.servers.length];
  }
}
