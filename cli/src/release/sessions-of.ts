import type { NatsConnection } from '@nats-io/nats-core';
import { connectorHandlers } from '#contracts';
import { NatsHealth, RpcService } from '#rpc';

const identity = { serverId: 'operator-cli-0', serverType: 'operator', version: 'latest' };
const limits = { natsAddress: '', concurrency: 1, queue: 0, timeoutMs: 2000, stopTimeoutMs: 0 };
const gatherMs = 500;

/** How many players are on sessions of a version, on whichever connectors. */
export async function sessionsOf(nats: NatsConnection, version: string): Promise<number> {
  const rpc = new RpcService(nats, new NatsHealth(nats), { identity, ...limits });
  try {
    const target = { handler: connectorHandlers.countSessions, all: true } as const;
    const answers = await rpc.gatherRPC(target, undefined, { timeoutMs: gatherMs });
    return answers
      .flatMap((answer) => ('data' in answer ? answer.data.versions : []))
      .filter((count) => count.version === version)
      .reduce((sum, { sessions }) => sum + sessions, 0);
  } finally {
    rpc.onApplicationShutdown();
  }
}
