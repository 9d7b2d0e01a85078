import type { NatsConnection } from '@nats-io/nats-core';
import { connectorHandlers, matchingOperations } from '#contracts';
import { NatsHealth, RpcService } from '#rpc';

const identity = { serverId: 'operator-cli-0', serverType: 'operator', version: 'latest' };
const limits = { natsAddress: '', concurrency: 1, queue: 0, timeoutMs: 5000, stopTimeoutMs: 0 };
const gatherMs = 500;
const handOverMs = 10_000;

/** How many players are on sessions of a version, on whichever connectors. */
export function sessionsOf(nats: NatsConnection, version: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: connectorHandlers.countSessions, all: true } as const;
    const answers = await rpc.gatherRPC(target, undefined, { timeoutMs: gatherMs });
    return answers
      .flatMap((answer) => ('data' in answer ? answer.data.versions : []))
      .filter((count) => count.version === version)
      .reduce((sum, { sessions }) => sum + sessions, 0);
  });
}

/** How many tickets wait at the matching servers of a version. */
export function ticketsOf(nats: NatsConnection, version: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: matchingOperations.countTickets, version, all: true } as const;
    const answers = await rpc.gatherRPC(target, undefined, { timeoutMs: gatherMs });
    return answers.reduce((sum, answer) => sum + ('data' in answer ? answer.data.tickets : 0), 0);
  });
}

/** Asks players to go on where the table wants them by now. @param from only those of this version */
export function movePlayers(nats: NatsConnection, from?: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: connectorHandlers.moveSessions, all: true } as const;
    const answers = await rpc.gatherRPC(target, { version: from }, { timeoutMs: gatherMs });
    return answers.reduce((sum, answer) => sum + ('data' in answer ? answer.data.asked : 0), 0);
  });
}

/** Lets the matching servers of a version give their tickets to another version's, with the time they have waited. */
export function handOverTickets(nats: NatsConnection, from: string, to: string): Promise<number> {
  return withRpc(nats, async (rpc) => {
    const target = { handler: matchingOperations.handOverTickets, version: from, all: true } as const;
    const answers = await rpc.gatherRPC(target, { version: to }, { timeoutMs: handOverMs, count: 1 });
    return answers.reduce((sum, answer) => sum + ('data' in answer ? answer.data.tickets : 0), 0);
  });
}

async function withRpc<T>(nats: NatsConnection, work: (rpc: RpcService) => Promise<T>): Promise<T> {
  const rpc = new RpcService(nats, new NatsHealth(nats), { identity, ...limits });
  try {
    return await work(rpc);
  } finally {
    rpc.onApplicationShutdown();
  }
}
