import { isName } from '@ccgame/config';
import { rpcContext } from '../context.js';
import type { Gathered } from './gathering.js';
import type { Route } from './route.js';

/** A server that calls can reach, as it said of itself within the last seconds. */
export interface ReachableServer {
  serverId: string;
  serverType: string;
  version: string;
  /** Calls that the server works on and that wait there. */
  load: number;
}

/** An answer is good for so long; it is asked again behind whoever wants it after that, and waited for only when it is old, ms. */
const ageMs = { fresh: 1_000, old: 10_000 };
/** How long servers may take to say that they are there, ms; longer where too few did, as on a busy machine. */
const [shortMs, longMs] = [50, 250];
/** A busy server that misses one question is not taken for gone. */
const mostMissed = 1;

interface Known {
  servers: readonly ReachableServer[];
  missed: Map<string, number>;
  at: number;
  asking?: Promise<void>;
}

/** The answer to a ping in the NATS services protocol, as far as it is used here. */
interface Pong {
  metadata?: { serverId?: unknown; version?: unknown; load?: unknown };
}

type Gather = (route: Route, timeoutMs: number) => Promise<Gathered<unknown>[]>;

/** Asks every server of a type, of all versions, whether it is there. @param isEnough else they are asked once more, for longer */
export async function askServers(
  gather: Gather,
  serverType: string,
  isEnough: (found: readonly ReachableServer[]) => boolean,
): Promise<ReachableServer[]> {
  const inTime = await askWithin(gather, serverType, shortMs);
  return isEnough(inTime) ? inTime : askWithin(gather, serverType, longMs);
}

async function askWithin(gather: Gather, serverType: string, timeoutMs: number): Promise<ReachableServer[]> {
  const subject = `$SRV.PING.${serverType}`;
  const route: Route = { subject, kind: 'all', serverType, handler: 'ping', scope: 'server' };
  // The answer is for others as well, who may have more time than this caller.
  const answers = await rpcContext.runOutside(() => gather(route, timeoutMs));
  return answers.flatMap((answer) => {
    const { serverId, version, load } = ('data' in answer ? (answer.data as Pong) : {}).metadata ?? {};
    if (!isOfType(serverId, serverType) || typeof version !== 'string') return [];
    return [{ serverId, serverType, version, load: Number(load) || 0 }];
  });
}

/** The servers of each type that was asked for, by the NATS services protocol. */
export class ReachableServers {
  private readonly known = new Map<string, Known>();
  /** The questions that are on their way. */
  private readonly answering = new Map<string, Promise<ReachableServer[]>>();

  constructor(private readonly gather: Gather) {}

  /** @throws RpcError where the question can't be sent, and nothing was known */
  async listServers(serverType: string, version?: string): Promise<readonly ReachableServer[]> {
    const known: Known = this.known.get(serverType) ?? { servers: [], missed: new Map(), at: -Infinity };
    this.known.set(serverType, known);
    const age = performance.now() - known.at;
    if (age > ageMs.fresh)
      known.asking ??= this.ask(serverType, known).finally(() => (known.asking = undefined));
    if (age > ageMs.old) await known.asking;
    // A caller that is answered with what is known doesn't hear that the next question failed.
    else known.asking?.catch(() => undefined);
    return version === undefined ? known.servers : known.servers.filter((one) => one.version === version);
  }

  /**
   * A server of the call's type and version that says now that it is there, in 50 ms, or else in 250. All calls of a moment share the question: a
   * server that hangs loses them together. Undefined also where it can't be asked.
   */
  async oneAnswering({ serverType = '', version = '' }: Route): Promise<string | undefined> {
    const name = `${serverType} ${version}`;
    let answering = this.answering.get(name);
    if (!answering) {
      answering = this.askVersion(serverType, version).catch(() => []);
      this.answering.set(name, answering);
      void answering.then(() => this.answering.delete(name));
    }
    const servers = await answering;
    return servers[Math.floor(Math.random() * servers.length)]?.serverId;
  }

  private async askVersion(serverType: string, version: string): Promise<ReachableServer[]> {
    const isMeant = (server: ReachableServer): boolean => server.version === version;
    const servers = await askServers(this.gather, serverType, (inTime) => inTime.some(isMeant));
    return servers.filter(isMeant);
  }

  private async ask(serverType: string, known: Known): Promise<void> {
    const found = await askServers(this.gather, serverType, (inTime) => inTime.length > 0);
    const ids = new Set(found.map(({ serverId }) => serverId));
    const silent = known.servers.filter(({ serverId }) => {
      const missed = (known.missed.get(serverId) ?? 0) + 1;
      known.missed.set(serverId, missed);
      return !ids.has(serverId) && missed <= mostMissed;
    });
    for (const id of ids) known.missed.delete(id);
    known.servers = [...found, ...silent].sort((a, b) => (a.serverId < b.serverId ? -1 : 1));
    known.at = performance.now();
  }
}

/** Any user of NATS may answer a ping; a call for one type must not go to another because of it. */
function isOfType(serverId: unknown, serverType: string): serverId is string {
  return isName('serverId', serverId) && (serverId as string).startsWith(`${serverType}-`);
}
