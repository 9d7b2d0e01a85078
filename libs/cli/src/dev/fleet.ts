import { type StartedServer, startServer } from '@ccgame/testing';

export interface FleetOptions {
  root: string;
  natsAddress: string;
  logFolder: string;
  /** Variables that all servers get, such as the public addresses. */
  env: Record<string, string>;
  /** Told in one line when a server died and was started again. */
  onEvent: (line: string) => void;
}

const restartPauseMs = 500;
const drainMs = 30_000;

/** The servers on this laptop: it starts them by type and version, restarts those that die, and stops them. */
export class Fleet {
  private readonly servers: StartedServer[] = [];
  private readonly turn = new Map<string, number>();
  private readonly ordinals = new Set<string>();
  private stopping = false;

  constructor(private readonly options: FleetOptions) {}

  listServers(): readonly StartedServer[] {
    return this.servers;
  }

  /** How many servers of each type and version there should be, and how many are ready. */
  async countServers(): Promise<
    Array<{ serverType: string; version: string; wanted: number; ready: number }>
  > {
    const counts = new Map<string, { serverType: string; version: string; wanted: number; ready: number }>();
    const isReady = await Promise.all(this.servers.map((server) => server.process.isReady()));
    for (const [index, { serverType, version }] of this.servers.entries()) {
      const key = `${serverType} ${version}`;
      const { wanted, ready } = counts.get(key) ?? { wanted: 0, ready: 0 };
      counts.set(key, { serverType, version, wanted: wanted + 1, ready: ready + Number(isReady[index]) });
    }
    return [...counts.values()];
  }

  /** Starts one more server of a type and version and resolves when it is ready. */
  async startServer(serverType: string, version: string): Promise<StartedServer> {
    const { root, natsAddress, logFolder, env } = this.options;
    const ordinal = this.takeOrdinal(serverType, version);
    const server = await startServer({ root, serverType, version, ordinal, natsAddress, logFolder, env });
    this.servers.push(server);
    this.watchServer(server);
    await server.process.untilReady();
    return server;
  }

  /** Stops a version's servers, which drain first, all at once. */
  async stopVersion(version: string): Promise<void> {
    const leaving = this.servers.filter((server) => server.version === version);
    for (const server of leaving) this.servers.splice(this.servers.indexOf(server), 1);
    await Promise.all(leaving.map((server) => server.process.stop(drainMs)));
    for (const { serverType, ordinal } of leaving)
      this.ordinals.delete(`${serverType} ${version} ${ordinal}`);
  }

  /** Stops everything at once; who isn't gone after `timeoutMs` is killed. */
  async stopAll(timeoutMs: number): Promise<void> {
    this.stopping = true;
    await Promise.all(this.servers.map((server) => server.process.stop(timeoutMs)));
  }

  /** The next running server of a type and version in turn, for the edge. */
  nextServer(serverType: string, version: string): StartedServer | undefined {
    const fitting = this.servers.filter(
      (server) => server.serverType === serverType && server.version === version && server.process.isRunning,
    );
    const key = `${serverType} ${version}`;
    const turn = (this.turn.get(key) ?? 0) + 1;
    this.turn.set(key, turn);
    return fitting[turn % fitting.length];
  }

  /** The lowest free one, reserved at once: several servers of a type may be starting. */
  private takeOrdinal(serverType: string, version: string): number {
    let ordinal = 0;
    while (this.ordinals.has(`${serverType} ${version} ${ordinal}`)) ordinal += 1;
    this.ordinals.add(`${serverType} ${version} ${ordinal}`);
    return ordinal;
  }

  private watchServer(server: StartedServer): void {
    server.process.onCrash((how) => {
      if (this.stopping || !this.servers.includes(server)) return;
      this.options.onEvent(`! ${server.serverId} died (${how}); it is started again`);
      setTimeout(() => this.restartServer(server), restartPauseMs);
    });
  }

  private restartServer(server: StartedServer): void {
    if (this.stopping || !this.servers.includes(server)) return;
    server.process.start();
    this.watchServer(server);
    server.process.untilReady().then(
      () => this.options.onEvent(`✓ ${server.serverId} is back`),
      // It died again: its own exit handler goes on with it.
      () =>
        this.options.onEvent(
          `! ${server.serverId} did not come back yet; see ${server.process.options.logFile}`,
        ),
    );
  }
}
