import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth, RpcService } from '#rpc';

const identity = { serverId: 'operator-cli-0', serverType: 'operator', version: 'latest' };
const limits = {
  natsAddress: '',
  concurrency: 1,
  queue: 0,
  timeoutMs: 5000,
  stopTimeoutMs: 0,
  coalesceWrites: false,
};

/** Lets the command call servers as they call each other. */
export async function withRpc<T>(nats: NatsConnection, work: (rpc: RpcService) => Promise<T>): Promise<T> {
  const rpc = new RpcService(nats, new NatsHealth(nats), { identity, ...limits });
  try {
    return await work(rpc);
  } finally {
    rpc.onApplicationShutdown();
  }
}
