import type { Gathered } from './gathering.js';
import type { Route } from './route.js';

/** For how long an answer is good, ms. */
const freshMs = 2_000;

/** What the NATS services protocol answers to a ping, as far as it is used here. */
interface Pong {
  metadata?: { serverId?: string; version?: string };
}

/** The other servers of a type and version, asked through the NATS services protocol when one refused a call. */
export class Siblings {
  private readonly known = new Map<string, { at: number; servers: Promise<string[]> }>();

  constructor(private readonly gather: (route: Route) => Promise<Gathered<unknown>[]>) {}

  /** A server of the route's type and version that isn't in `except`. */
  async other(route: Route, except: readonly string[]): Promise<string | undefined> {
    const servers = await this.servers(route.serverType ?? '', route.version ?? '');
    const others = servers.filter((server) => !except.includes(server));
    return others[Math.floor(Math.random() * others.length)];
  }

  private servers(serverType: string, version: string): Promise<string[]> {
    const label = `${serverType} ${version}`;
    const now = performance.now();
    const known = this.known.get(label);
    if (known && now - known.at < freshMs) {
      return known.servers;
    }
    const servers = this.ask(serverType, version);
    this.known.set(label, { at: now, servers });
    return servers;
  }

  private async ask(serverType: string, version: string): Promise<string[]> {
    const route: Route = {
      subject: `$SRV.PING.${serverType}`,
      kind: 'all',
      serverType,
      handler: 'ping',
      scope: 'server',
    };
    const answers = await this.gather(route);
    return answers
      .map((answer) => ('data' in answer ? (answer.data as Pong).metadata : undefined))
      .filter((metadata) => metadata?.version === version && metadata.serverId !== undefined)
      .map((metadata) => metadata?.serverId as string);
  }
}
