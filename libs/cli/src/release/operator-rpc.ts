import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';

const identity = { serverId: 'operator-cli-0', serverType: 'operator', version: 'latest' };
const timeoutMs = 5_000;

/** Lets the command call servers as they call each other. */
export async function withRpc<T>(nats: NatsConnection, work: (rpc: RpcService) => Promise<T>): Promise<T> {
  const rpc = new RpcService(nats, new NatsHealth(nats), { identity, timeoutMs });
  try {
    return await work(rpc);
  } finally {
    rpc.onApplicationShutdown();
  }
}
