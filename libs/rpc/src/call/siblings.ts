import type { Gathered } from './gathering.js';
import { askServers, type ReachableServer } from './reachable-servers.js';
import type { Route } from './route.js';

/** For how long an answer is good, ms. */
const freshMs = 2_000;

/** The other servers of a type and version, asked through the NATS services protocol when one refused a call. */
export class Siblings {
  private readonly known = new Map<string, { at: number; servers: Promise<string[]> }>();

  constructor(private readonly gather: (route: Route, timeoutMs: number) => Promise<Gathered<unknown>[]>) {}

  /** A server of the route's type and version that isn't in `except`. */
  async otherThan(route: Route, except: readonly string[]): Promise<string | undefined> {
    const servers = await this.knownServers(route);
    const others = servers.filter((server) => !except.includes(server));
    return others[Math.floor(Math.random() * others.length)];
  }

  /** One of them turned out to be gone: what was known at that time, on the clock of `performance.now()`, is so no more. */
  forgetServer(route: Route, at: number): void {
    const known = this.known.get(labelOf(route));
    if (known && known.at <= at) {
      this.known.delete(labelOf(route));
    }
  }

  private knownServers(route: Route): Promise<string[]> {
    const label = labelOf(route);
    const now = performance.now();
    const known = this.known.get(label);
    if (known && now - known.at < freshMs) {
      return known.servers;
    }
    const servers = this.askSiblings(route);
    this.known.set(label, { at: now, servers });
    return servers;
  }

  private async askSiblings({ serverType, version }: Route): Promise<string[]> {
    const siblings = (found: readonly ReachableServer[]) => found.filter((one) => one.version === version);
    const servers = await askServers(this.gather, serverType ?? '', (found) => siblings(found).length > 1);
    return siblings(servers).map(({ serverId }) => serverId);
  }
}

function labelOf({ serverType, version }: Route): string {
  return `${serverType} ${version}`;
}
