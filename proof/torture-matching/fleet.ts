import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartedServer, startServer } from '@ccgame/testing';

/** The matching servers of one version. */
export class Fleet {
  readonly servers = new Map<string, StartedServer>();
  private ordinal = 0;

  constructor(
    private readonly root: string,
    private readonly natsAddress: string,
    private readonly logFolder: string,
    /** More variables of a version's servers. */
    private readonly envOf: (version: string) => Record<string, string>,
  ) {}

  /** Starts so many, and waits until they serve. @returns their ids */
  async add(count: number, version: string): Promise<string[]> {
    const { root, natsAddress, logFolder } = this;
    const started = await Promise.all(
      Array.from({ length: count }, () =>
        startServer({
          root,
          natsAddress,
          logFolder,
          serverType: 'matching',
          version,
          env: this.envOf(version),
          ordinal: this.ordinal++,
        }),
      ),
    );
    for (const server of started) this.servers.set(server.serverId, server);
    await Promise.all(started.map((server) => server.process.untilReady()));
    return started.map(({ serverId }) => serverId);
  }

  signal(serverId: string, signal: NodeJS.Signals): void {
    this.servers.get(serverId)?.process.signal(signal);
  }

  async kill(serverId: string): Promise<void> {
    await this.servers.get(serverId)?.process.kill();
    this.servers.delete(serverId);
  }

  /** SIGTERM, and waits for the end. */
  async stop(serverId: string): Promise<void> {
    await this.servers.get(serverId)?.process.stop(10_000);
    this.servers.delete(serverId);
  }

  /** How many lines of all servers' logs name an event. */
  logged(event: string): number {
    const logs = readdirSync(this.logFolder).filter((file) => /^matching-.*\.log$/.test(file));
    return logs.reduce((sum, file) => {
      const lines = readFileSync(join(this.logFolder, file), 'utf8').split('\n');
      return sum + lines.filter((line) => line.includes(event)).length;
    }, 0);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.servers.keys()].map((serverId) => this.stop(serverId)));
  }
}
