import { Inject, Injectable, Optional, type OnApplicationShutdown } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { callError } from './call.js';
import { callAnswering } from './call-answering.js';
import { rpcContext } from '../context.js';
import { longestTimerMs } from '../basics/longest-timer.js';
import type { HandlerContract } from '../contract/contract.js';
import type { Gathered } from './gathering.js';
import type { RpcError } from '../errors.js';
import { NATS_CONNECTION, NatsHealth } from '@ccgame/nats';
import { checkName } from '../names/check-name.js';
import { RPC_OPTIONS, type ResolvedRpcOptions, type RpcOptions } from '../options.js';
import type { ReachableServer } from './reachable-servers.js';
import { routeOf, routeOfShared, type Route } from './route.js';
import { RpcClient } from './rpc-client.js';
import { OwnerVersions } from './owner-versions.js';
import { type OwnerCall, untilOwned } from './until-owned.js';
import type { ServerTypeTarget, Target } from '../contract/target.js';

/** The options of one call. */
export interface CallOptions {
  /** How long the caller waits, ms. Never longer than the call that is being handled has left. Default 5000. */
  timeoutMs?: number;
  /** While NATS is away, wait for it within the deadline instead of failing at once with NO_SERVER. */
  waitForConnection?: boolean;
  /**
   * Any server of a type is one that says now that it is there: a server that hangs, or has no core, still gets its share of the other calls. It
   * takes 50 to 300 ms more.
   */
  answering?: boolean;
}

/** The options of a call to the owner of a key. */
export interface OwnerCallOptions extends CallOptions {
  /** The thing that is called, by a name of its own within its server type: so the version in which it was met is kept. */
  object?: string;
  /** Whether the handler knows a call which it has had, so that one whose answer was lost is sent again. Default true. */
  knowsRepeats?: boolean;
}

/** How long answers of several servers are collected. */
export interface GatherOptions {
  /** How long answers are collected, ms. Default 1000. */
  timeoutMs?: number;
  /** Stop at so many answers. */
  count?: number;
  /** Stop once this holds for the answers that have come. Must not throw. */
  isComplete?: (answers: readonly Gathered<unknown>[]) => boolean;
}

/**
 * Maps a version without servers of that type to the one that stands in for it. Quick: it runs at each call.
 *
 * @param caller the version that calls: another one than `version` where the target names it
 * @throws RpcError where the two may not call each other
 */
export type VersionResolver = (serverType: string, version: string, caller: string) => string;

/** Injection token of an optional {@link VersionResolver}; a global module provides it. */
export const VERSION_RESOLVER = Symbol('VERSION_RESOLVER');

type CallerOptions = Pick<ResolvedRpcOptions, 'identity' | 'timeoutMs'> & Pick<RpcOptions, 'slowMs'>;

/** Calls handlers on other servers. */
@Injectable()
export class RpcService implements OnApplicationShutdown {
  private readonly client: RpcClient;
  private readonly ownerVersions = new OwnerVersions();

  constructor(
    @Inject(NATS_CONNECTION) nats: NatsConnection,
    private readonly health: NatsHealth,
    @Inject(RPC_OPTIONS)
    private readonly options: CallerOptions,
    @Optional() @Inject(VERSION_RESOLVER) private readonly resolveVersion?: VersionResolver,
  ) {
    this.client = new RpcClient(nats, health, options.slowMs ?? Infinity);
  }

  /**
   * Calls one handler: exactly one reply, or an {@link RpcError}. With a broadcast target, the first answer counts.
   *
   * @throws RpcError
   */
  doRPC<P, R>(target: Target<HandlerContract<P, R>>, data: NoInfer<P>, options?: CallOptions): Promise<R>;
  doRPC<R = unknown>(target: Target<string>, data?: unknown, options?: CallOptions): Promise<R>;
  doRPC(target: Target, data?: unknown, options?: CallOptions): Promise<unknown> {
    try {
      const route = this.routeOf(target);
      const timeoutMs = options?.timeoutMs ?? this.options.timeoutMs;
      if (this.health.connected) {
        if (options?.answering && route.kind === 'any')
          return callAnswering(this.client, route, data, timeoutMs);
        return this.client.sendCall(route, data, timeoutMs);
      }
      return this.whileAway(route, data, timeoutMs, options?.waitForConnection === true);
    } catch (error) {
      return rejectedWith(error as RpcError);
    }
  }

  /**
   * Calls the owner of a key, in whatever version of the caller's group it lives, and asks again where none answers: while the
   * key moves, or its owner has died. The target's version, or else the caller's, is where the owner is looked for first.
   *
   * @throws RpcError as {@link doRPC}, when the time is up the last one
   */
  callOwner<P, R>(
    target: ServerTypeTarget<HandlerContract<P, R>>,
    data: NoInfer<P>,
    options?: OwnerCallOptions,
  ): Promise<R>;
  callOwner<R = unknown>(
    target: ServerTypeTarget<string>,
    data?: unknown,
    options?: OwnerCallOptions,
  ): Promise<R>;
  callOwner(target: ServerTypeTarget, data?: unknown, options: OwnerCallOptions = {}): Promise<unknown> {
    const { object, knowsRepeats = true, ...callOptions } = options;
    const call = (timeoutMs: number, version = target.version): Promise<unknown> =>
      this.doRPC({ ...target, version } as ServerTypeTarget<string>, data, {
        waitForConnection: true,
        ...callOptions,
        timeoutMs,
      });
    const timeoutMs = Math.min(options.timeoutMs ?? this.options.timeoutMs, rpcContext.timeLeftMs());
    return untilOwned({ call, knowsRepeats, metIn: this.metIn(target, object) }, timeoutMs);
  }

  /**
   * Calls every server of the target and collects their answers until the deadline or the count. Nobody there: `[]`.
   *
   * @throws RpcError GONE when the connection breaks meanwhile, NO_SERVER without one
   */
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
  async gatherRPC(target: Target, data?: unknown, options?: GatherOptions): Promise<Gathered<unknown>[]> {
    const route = this.routeOf(target);
    this.assertConnected(route);
    const { timeoutMs = 1_000, count = Infinity, isComplete } = options ?? {};
    const isEnough = isComplete ?? ((answers): boolean => answers.length >= count);
    return this.client.gatherReplies(route, data, timeoutMs, isEnough);
  }

  /**
   * Sends without waiting for an answer: it resolves when the call is handed to NATS, and nothing says whether it arrived.
   *
   * @throws RpcError NO_SERVER while NATS is away, INVALID, TOO_LARGE
   */
  sendRPC<P>(target: Target<HandlerContract<P>>, data: NoInfer<P>): Promise<void>;
  sendRPC(target: Target<string>, data?: unknown): Promise<void>;
  async sendRPC(target: Target, data?: unknown): Promise<void> {
    const route = this.routeOf(target);
    this.assertConnected(route);
    this.client.sendNotice(route, data);
  }

  /**
   * The servers of a type that are there, of one version or of all, by their ids. It is what was known a moment ago, 1 s or so, and so at
   * once; where nobody asked for 10 s it takes 50 to 300 ms. Servers that are gone stay in it for some 2 s: a call to one fails with NO_SERVER.
   *
   * @throws RpcError NO_SERVER without a connection, INVALID
   */
  async listServers(serverType: string, version?: string): Promise<readonly ReachableServer[]> {
    const handler = 'ping';
    this.assertConnected(this.routeOf({ serverType, handler, all: true }));
    if (version !== undefined) checkName('version', version);
    return this.client.servers.listServers(serverType, version);
  }

  onApplicationShutdown(): void {
    this.client.close();
  }

  /** Without a name it is known for this one call. */
  private metIn(target: ServerTypeTarget, object: string | undefined): OwnerCall['metIn'] {
    const versions = object === undefined ? new OwnerVersions() : this.ownerVersions;
    const { handler } = target;
    const name = `${target.serverType ?? (handler as HandlerContract).serverType}/${object}`;
    return {
      version: () => versions.versionOf(name),
      remember: (version) => versions.rememberVersion(name, version),
      forget: () => versions.forgetVersion(name),
    };
  }

  private routeOf(target: Target): Route {
    if (isContractAlone(target)) {
      const contract = target.handler as HandlerContract;
      return routeOfShared(contract, target, this.versionFor(contract.serverType, target.version));
    }
    if (isFrozenType(target)) {
      return routeOfShared(target, target, this.versionFor(target.serverType, target.version));
    }
    return routeOf(target, this.versionFor);
  }

  private readonly versionFor = (serverType: string, named?: string): string => {
    const caller = rpcContext.get().version ?? this.options.identity.version;
    const wanted = named ?? caller;
    return this.resolveVersion ? this.resolveVersion(serverType, wanted, caller) : wanted;
  };

  private assertConnected(route: Route): void {
    if (!this.health.connected) {
      this.client.recordUnsent(route, 'NO_SERVER');
      throw callError('NO_SERVER', route, { message: 'There is no connection to NATS' });
    }
  }

  private async whileAway(route: Route, data: unknown, timeoutMs: number, wait: boolean): Promise<unknown> {
    const before = performance.now();
    if (wait) {
      await this.health.waitUntilConnected(Math.min(timeoutMs, rpcContext.timeLeftMs(), longestTimerMs));
    }
    this.assertConnected(route);
    return this.client.sendCall(route, data, timeoutMs - (performance.now() - before));
  }
}

function isContractAlone(target: Target): target is ServerTypeTarget {
  return (
    typeof target.handler === 'object' &&
    !('serverId' in target) &&
    target.serverType === undefined &&
    target.key === undefined &&
    !target.all
  );
}

/** Any server of a type, by a target that nobody changes: a player's route, see `clientTarget`. */
function isFrozenType(target: Target): target is ServerTypeTarget<string> & { serverType: string } {
  return (
    Object.isFrozen(target) &&
    !('serverId' in target) &&
    target.serverType !== undefined &&
    target.key === undefined &&
    !target.all
  );
}

async function rejectedWith(error: RpcError): Promise<never> {
  throw error;
}
