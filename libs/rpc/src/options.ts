import { Config } from '@ccgame/config';
import { longestTimerMs } from './basics/longest-timer.js';
import { checkWhole } from './names/check-whole.js';

/** The labels of this process. */
export interface ServerIdentity {
  serverId: string;
  serverType: string;
  version: string;
  /** Told with the labels, for those who must know what code runs, and in which pod; it selects nothing. */
  origin?: ServerOrigin;
}

/** The image's build, and which pod it is: absent outside of an image or a pod. */
export interface ServerOrigin {
  buildVersion?: string;
  buildRevision?: string;
  podUid?: string;
}

/** Every option has a default that fits a server in production; tests set some. */
export interface RpcOptions {
  /** Default: Config.SERVER_ID, SERVER_TYPE, VERSION. */
  identity?: ServerIdentity;
  /** Default: Config.NATS_ADDRESS. */
  natsAddress?: string;
  /** Calls of one handler that run at once. Default 1024. */
  concurrency?: number;
  /** Calls of one handler that wait for a place; the next is refused with BUSY. Default 256. */
  queue?: number;
  /** The time that a call may take when it says nothing else, ms. Default 5000. */
  timeoutMs?: number;
  /** How long a stop waits for running handlers before it answers GONE for them, ms. Default 20 000. */
  stopTimeoutMs?: number;
  /** A call that takes longer is logged with its hops, ms. Default: Config.SLOW_REQUEST_SECONDS. */
  slowMs?: number;
  /**
   * For a server with many sockets of its own: whether all that one turn of the event loop publishes leaves in one write. Default false: all
   * of one microtask queue.
   */
  coalesceWrites?: boolean;
}

/** The highest limit that an option may set for the calls of one handler. */
export const mostAtOnce = 1_000_000;

/** Injection token of {@link ResolvedRpcOptions}. */
export const RPC_OPTIONS = Symbol('RPC_OPTIONS');

/** The options with their defaults. */
export type ResolvedRpcOptions = Required<RpcOptions>;

/** @throws RpcError INVALID for a number that no timer or queue can have */
export function resolveOptions(given: RpcOptions): ResolvedRpcOptions {
  for (const name of ['timeoutMs', 'stopTimeoutMs'] as const) {
    if (given[name] !== undefined) checkWhole(name, given[name], 0, longestTimerMs);
  }
  if (given.concurrency !== undefined) checkWhole('concurrency', given.concurrency, 1, mostAtOnce);
  if (given.queue !== undefined) checkWhole('queue', given.queue, 0, mostAtOnce);
  return {
    identity: given.identity ?? {
      serverId: Config.SERVER_ID,
      serverType: Config.SERVER_TYPE,
      version: Config.VERSION,
      origin: {
        buildVersion: Config.BUILD_VERSION,
        buildRevision: Config.BUILD_REVISION,
        podUid: Config.POD_UID,
      },
    },
    natsAddress: given.natsAddress ?? Config.NATS_ADDRESS,
    concurrency: given.concurrency ?? 1024,
    queue: given.queue ?? 256,
    timeoutMs: given.timeoutMs ?? 5_000,
    stopTimeoutMs: given.stopTimeoutMs ?? 20_000,
    slowMs: given.slowMs ?? Config.SLOW_REQUEST_SECONDS * 1_000,
    coalesceWrites: given.coalesceWrites ?? false,
  };
}
