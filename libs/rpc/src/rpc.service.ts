import { Injectable } from '@nestjs/common';
import type { HandlerContract } from './contract.js';
import { RpcError } from './errors.js';
import type { Target } from './target.js';

export interface CallOptions {
  /** How long the caller waits, ms. Never longer than the call that is being handled has left. Default 5000. */
  timeoutMs?: number;
  /** While NATS is away, wait for it within the deadline instead of failing at once with NO_SERVER. */
  waitForConnection?: boolean;
}

export interface GatherOptions {
  /** How long answers are collected, ms. Default 1000. */
  timeoutMs?: number;
  /** Stop at so many answers. */
  count?: number;
}

/** One server's answer to a broadcast. */
export type Gathered<R> = { serverId: string; data: R } | { serverId: string; error: RpcError };

/** Maps a version without servers of that type to the one that stands in for it. Pure and quick: it runs at each call. */
export type VersionResolver = (serverType: string, version: string) => string;

/** Injection token of an optional {@link VersionResolver}; a global module provides it. */
export const VERSION_RESOLVER = Symbol('VERSION_RESOLVER');

/** Calls handlers on other servers. */
@Injectable()
export class RpcService {
  /**
   * Calls one handler: exactly one reply, or an {@link RpcError}. Of a broadcast target, the first answer counts.
   *
   * @throws RpcError
   */
  doRPC<P, R>(target: Target<HandlerContract<P, R>>, data: NoInfer<P>, options?: CallOptions): Promise<R>;
  doRPC<R = unknown>(target: Target<string>, data?: unknown, options?: CallOptions): Promise<R>;
  async doRPC(_target: Target, _data?: unknown, _options?: CallOptions): Promise<unknown> {
    throw new RpcError('NO_SERVER');
  }

  /** Calls every server of the target and collects their answers until the deadline or the count. Nobody there: `[]`. */
  gatherRPC<P, R>(
    target: Target<HandlerContract<P, R>>,
    data: NoInfer<P>,
    options?: GatherOptions,
  ): Promise<Gathered<R>[]>;
  gatherRPC<R = unknown>(
    target: Target<string>,
    data?: unknown,
    options?: GatherOptions,
  ): Promise<Gathered<R>[]>;
  async gatherRPC(_target: Target, _data?: unknown, _options?: GatherOptions): Promise<Gathered<unknown>[]> {
    throw new RpcError('NO_SERVER');
  }

  /**
   * Sends without waiting for an answer: it resolves when the call is handed to NATS, and nothing says whether it arrived.
   *
   * @throws RpcError NO_SERVER while NATS is away, INVALID, TOO_LARGE
   */
  sendRPC<P>(target: Target<HandlerContract<P, unknown>>, data: NoInfer<P>): Promise<void>;
  sendRPC(target: Target<string>, data?: unknown): Promise<void>;
  async sendRPC(_target: Target, _data?: unknown): Promise<void> {
    throw new RpcError('NO_SERVER');
  }
}
