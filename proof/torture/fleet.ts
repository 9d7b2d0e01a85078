import { join } from 'node:path';
import {
  freePort,
  labelsOf,
  type NatsUsers,
  ServerProcess,
  type StartedServer,
  startServer,
} from '@ccgame/testing';

export const versions = ['1.0.0000', '1.0.0001'] as const;

/** The server processes of both versions. */
export class Fleet {
  readonly connectors: StartedServer[] = [];
  readonly backEnds: ServerProcess[] = [];
  private turn = 0;

  constructor(
    private readonly root: string,
    private readonly nats: NatsUsers,
    private readonly logFolder: string,
    /** NATS_REPLICAS */
    private readonly replicas: string,
  ) {}

  async start(connectorsEach: number): Promise<void> {
    for (const version of versions) {
      for (let ordinal = 0; ordinal < connectorsEach; ordinal += 1) {
        this.connectors.push(await this.connector(version, ordinal));
      }
      this.backEnds.push(await this.backEnd(version));
    }
    await this.untilReady();
  }

  /** The next ready connector of a version, as a Service would choose it: a paused one is still in there. */
  readonly choose = (version: string): number | undefined => {
    const fitting = this.connectors.filter((one) => one.version === version && this.isTakingNew(one));
    this.turn += 1;
    return fitting[this.turn % fitting.length]?.port;
  };

  /** Not chosen: from before it knows that it stops, as the endpoint of a pod that is deleted, until it is ready again. */
  readonly leaving = new Set<StartedServer>();

  async untilReady(): Promise<void> {
    await Promise.all(this.connectors.map((one) => one.process.untilReady(60_000)));
    await Promise.all(this.backEnds.map((one) => one.untilReady(60_000)));
  }

  async restart(one: StartedServer): Promise<void> {
    this.leaving.add(one);
    one.process.start();
    await one.process.untilReady(60_000);
    this.leaving.delete(one);
  }

  async stop(): Promise<void> {
    const all = [...this.connectors.map((one) => one.process), ...this.backEnds];
    await Promise.all(all.map((one) => one.stop(1_000)));
  }

  private isTakingNew(one: StartedServer): boolean {
    return one.process.isRunning && !this.leaving.has(one);
  }

  private connector(version: string, ordinal: number): Promise<StartedServer> {
    return startServer({
      root: this.root,
      serverType: 'connector',
      version,
      ordinal,
      nats: this.nats,
      logFolder: this.logFolder,
      // A third of what the manifest gives: two cores move two thousand players within that.
      env: { NATS_REPLICAS: this.replicas, STOP_TIMEOUT_SECONDS: '40' },
    });
  }

  private async backEnd(version: string): Promise<ServerProcess> {
    const { serverId } = labelsOf('matching', version, 0);
    const healthPort = await freePort();
    const started = new ServerProcess({
      serverId,
      entry: join(this.root, 'dist', 'test-servers', 'proof', 'torture', 'back-end.js'),
      healthPort,
      logFile: join(this.logFolder, `${serverId}.log`),
      env: {
        SERVER_ID: serverId,
        SERVER_TYPE: 'matching',
        VERSION: version,
        NODE_ENV: 'dev',
        NATS_ADDRESS: this.nats.addressOf('matching'),
        HEALTHY_CHECK_PORT: String(healthPort),
        NATS_REPLICAS: this.replicas,
      },
    });
    started.start();
    return started;
  }
}
