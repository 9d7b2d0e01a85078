import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsUsers } from '../nats/nats-accounts.js';
import { type StartedServer, startServer, type StartServerOptions } from './start-server.js';

/** The things that all servers of a fleet have in common. */
export interface ServerFleetOptions {
  /** The repository's folder or a build of it. */
  root: string;
  nats: NatsUsers;
  logFolder: string;
  /** Where a version's servers run something else, or with more variables. */
  settingsOf?: (version: string, serverType: string) => Pick<StartServerOptions, 'entry' | 'env'>;
}

/** Server processes that come and go: a proof starts, kills, pauses and stops them. */
export class ServerFleet {
  /** By id. One that was killed and is to come back stays in here. */
  readonly servers = new Map<string, StartedServer>();
  /** No new connection goes there: it stops, or is not ready yet. */
  private readonly closed = new Set<StartedServer>();
  private ordinal = 0;
  private turn = 0;

  constructor(private readonly options: ServerFleetOptions) {}

  /** Starts so many, and waits until they serve. @returns their ids */
  async add(serverType: string, count: number, version: string): Promise<string[]> {
    const { settingsOf, ...where } = this.options;
    const settings = settingsOf?.(version, serverType);
    const started = await Promise.all(
      Array.from({ length: count }, () =>
        startServer({ ...where, serverType, version, ...settings, ordinal: this.ordinal++ }),
      ),
    );
    for (const server of started) this.servers.set(server.serverId, server);
    await Promise.all(started.map((server) => server.process.untilReady()));
    return started.map(({ serverId }) => serverId);
  }

  /** Ids of those that run. */
  running(serverType: string, version: string): string[] {
    return [...this.servers.values()]
      .filter((one) => one.serverType === serverType && one.version === version && one.process.isRunning)
      .map(({ serverId }) => serverId);
  }

  /** The next one's port in turn, as a Service would choose it: one that hangs is still in there. */
  choosePort(serverType: string, version: string): number | undefined {
    const fitting = this.running(serverType, version)
      .flatMap((id) => this.servers.get(id) ?? [])
      .filter((one) => !this.closed.has(one));
    this.turn += 1;
    return fitting[this.turn % fitting.length]?.port;
  }

  signal(serverId: string, signal: NodeJS.Signals): void {
    this.servers.get(serverId)?.process.signal(signal);
  }

  async kill(serverId: string): Promise<void> {
    await this.servers.get(serverId)?.process.kill();
    this.servers.delete(serverId);
  }

  /** SIGTERM, and SIGKILL after that time. @returns how it ended: `exit code 0` */
  async stop(serverId: string, withinMs = 10_000): Promise<string> {
    const how = (await this.servers.get(serverId)?.process.stop(withinMs)) ?? 'not running';
    this.servers.delete(serverId);
    return how;
  }

  /** Ends a server and starts it again under its name. @returns how it ended */
  async restart(serverId: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const server = this.servers.get(serverId);
    if (!server) throw new Error(`There is no server ${serverId}`);
    this.closed.add(server);
    const ended = signal === 'SIGKILL' ? server.process.kill() : server.process.stop(45_000);
    const how = (await ended) ?? signal;
    server.process.start();
    await server.process.untilReady();
    this.closed.delete(server);
    return how;
  }

  /** How many lines of all servers' logs name an event. */
  logged(event: string): number {
    const { logFolder } = this.options;
    const logs = [...this.logFiles()].map((file) => readFileSync(join(logFolder, file), 'utf8'));
    return logs.reduce(
      (sum, text) => sum + text.split('\n').filter((line) => line.includes(event)).length,
      0,
    );
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.servers.keys()].map((serverId) => this.stop(serverId)));
  }

  /** The logs of all its servers, of those that are gone as well. */
  private logFiles(): string[] {
    const { logFolder } = this.options;
    if (!existsSync(logFolder)) return [];
    return readdirSync(logFolder).filter((file) => /-v\d+-\d+\.log$/.test(file));
  }
}
