import { Inject, Injectable, Logger, Optional, type BeforeApplicationShutdown } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { RpcContext } from '../context.js';
import type { ContractPattern } from '../contract/decorators.js';
import type { Target } from '../contract/target.js';
import { RpcError } from '../errors.js';
import { Executor } from './executor.js';
import type { Handler } from './handler.js';
import { HandlerRegistry } from './handler-registry.js';
import { subjectsOf } from './handler-subjects.js';
import { KeySubscriptions } from './key-subscriptions.js';
import { LocalJob } from './local-job.js';
import { NATS_CONNECTION } from '@ccgame/nats';
import { servedHandlers } from '../metrics.js';
import { installNestHooks } from './nest-internals.js';
import { ONCE_GUARD, type OnceGuard } from './once-guard.js';
import { RPC_OPTIONS, type ResolvedRpcOptions } from '../options.js';
import { ServerPresence } from './server-presence.js';
import { RemoteJob } from './remote-job.js';
import { Responder } from './responder.js';
import type { JsonText } from '../wire/json-text.js';
import { readRequestHead } from '../wire/wire-headers.js';

/**
 * Nest's side of the engine: subscribes the handlers of this process.
 * Use: `app.connectMicroservice({ strategy: app.get(RpcServer) }, { inheritAppConfig: true })`.
 */
@Injectable()
export class RpcServer extends Server implements CustomTransportStrategy, BeforeApplicationShutdown {
  protected override readonly logger = new Logger('Rpc');
  private readonly registry: HandlerRegistry;
  private readonly presence: ServerPresence;
  private readonly executor: Executor;
  private readonly responder: Responder;
  private readonly keys: KeySubscriptions;
  private subscriptions: Subscription[] = [];
  private closing?: Promise<void>;
  private listening = false;
  private readonly listHandlers = (): readonly Handler[] => this.registry.handlers;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    @Inject(RPC_OPTIONS) private readonly options: ResolvedRpcOptions,
    @Optional() @Inject(ONCE_GUARD) private readonly once?: OnceGuard,
  ) {
    super();
    installNestHooks();
    this.registry = new HandlerRegistry(options);
    this.presence = new ServerPresence(nats, options.identity);
    this.responder = new Responder(nats, this.presence.server);
    this.executor = new Executor(options.slowMs);
    this.keys = new KeySubscriptions(options.identity, (handler, subject) =>
      this.subscribeHandler(handler, subject),
    );
  }

  /** Called by Nest for each handler method. Problems are collected, and {@link listen} reports them together. */
  override addHandler(pattern: unknown, callback: MessageHandler, _isEvent?: boolean, extras?: object): void {
    this.registry.addHandler(pattern, this.runGuarded(pattern, callback), extras ?? {});
  }

  /** @throws through the callback, when a handler can't be served: a twin, an illegal name, a foreign type. */
  listen(callback: (error?: unknown) => void): void {
    this.openHandler().then(() => callback(), callback);
  }

  /** Takes no more calls, lets the running ones finish, answers GONE for those that don't in time. */
  close(): Promise<void> {
    return (this.closing ??= this.drainCalls());
  }

  /** For apps that don't run `NestMicroservice.close`. */
  beforeApplicationShutdown(): Promise<void> {
    return this.close();
  }

  /** Takes the calls for a key, in handlers that are `keyed`; resolved when NATS knows, or is away. Illegal key: RpcError INVALID. */
  async ownKey(key: string): Promise<void> {
    this.keys.ownKey(key);
    await this.untilSubscribed();
  }

  /** Takes no more calls for a key; resolved when those that were on the way are here. */
  async disownKey(key: string): Promise<void> {
    await this.keys.disownKey(key);
  }

  /**
   * Players are connected to this process: its handlers for players are called by itself, see {@link callHere}, and by nobody over
   * NATS. To be called before handlers are added.
   */
  keepClientHandlers(): void {
    this.registry.keepsClientHandlers = true;
  }

  /** Whether a target is a handler for players in this very process, see {@link callHere}. */
  answersHere(target: Target<string>): boolean {
    if ('serverId' in target || target.serverType !== this.options.identity.serverType) return false;
    const isAny = target.scope === 'client' && target.key === undefined && !target.all;
    return isAny && this.registry.ownClientHandler(target.handler) !== undefined;
  }

  /**
   * Calls a handler for players in this very process: checked, limited, counted and traced as over NATS, with nothing on the way.
   *
   * @param name of one that {@link answersHere}
   * @throws RpcError in the promise, as from `RpcService.doRPC`
   */
  callHere(name: string, data: unknown, context: RpcContext): Promise<JsonText> {
    return new Promise((resolve, reject: (error: RpcError) => void) => {
      const handler = this.registry.ownClientHandler(name);
      if (!handler) throw new RpcError('NO_SERVER');
      if (this.closing) throw new RpcError('GONE', { retryable: true });
      const now = performance.now();
      const { timeoutMs, identity } = this.options;
      const maxBytes = this.nats.info?.max_payload ?? Infinity;
      const within = { ...context, deadline: now + timeoutMs, route: name };
      const caller = { serverType: identity.serverType, maxBytes, resolve, reject };
      const job = new LocalJob(handler, data, within, now, caller);
      this.executor.enqueue(job);
      if (job.state !== 'done') job.expireAfter(timeoutMs);
    });
  }

  on(): never {
    throw new Error('The RPC server has no events; NatsHealth tells of the connection');
  }

  unwrap<T>(): T {
    return this.nats as T;
  }

  private runGuarded(pattern: unknown, callback: MessageHandler): MessageHandler {
    const { once } = this;
    const { contract } = Object(pattern) as Partial<ContractPattern>;
    if (!once || contract?.retryPolicy !== 'once' || contract.knowsRepeats) return callback;
    return (data: unknown, context: unknown) =>
      once.runOnce(async () => {
        const result: unknown = await callback(data, context);
        return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
      });
  }

  private async openHandler(): Promise<void> {
    this.registry.assertSound();
    const handlers = this.registry.listServed();
    this.presence.announceServer(handlers, (reply) => this.executor.working.hasCall(reply));
    for (const handler of handlers) {
      for (const { subject, queue } of subjectsOf(handler, this.options.identity, handlers)) {
        this.subscriptions.push(this.subscribeHandler(handler, subject, queue));
      }
    }
    this.keys.serveHandlers(handlers.filter((handler) => handler.keyed));
    servedHandlers.add(this.listHandlers);
    this.listening = true;
    // Until NATS has them, a call would meet NO_SERVER.
    await this.untilSubscribed();
    this.logger.log({ event: 'rpc.listening', handlers: handlers.length });
  }

  /** Where the connection breaks meanwhile, the next one begins with all subscriptions. */
  private async untilSubscribed(): Promise<void> {
    await this.nats.flush().catch(() => undefined);
  }

  private subscribeHandler(handler: Handler, subject: string, queue?: string): Subscription {
    const isBroadcast = subject.split('.', 2)[1] === 'all';
    return this.nats.subscribe(subject, {
      queue,
      callback: (error, message) => {
        if (error) {
          this.logger.error({ event: 'rpc.subscription.failed', subject, reason: error.message });
        } else {
          this.receiveMessage(handler, message, isBroadcast);
        }
      },
    });
  }

  private receiveMessage(handler: Handler, message: Msg, isBroadcast: boolean): void {
    const head = readRequestHead(message);
    this.executor.enqueue(
      new RemoteJob(handler, message, head, isBroadcast, performance.now(), this.responder),
    );
  }

  private async drainCalls(): Promise<void> {
    if (!this.listening) {
      return;
    }
    const since = performance.now();
    const timer = new StopTimer(this.options.stopTimeoutMs);
    const drained = [...this.subscriptions, ...this.keys.subscriptions()].map((one) => drainOne(one));
    await Promise.race([Promise.all(drained), timer.over]);
    await Promise.race([this.executor.whenIdle(), timer.over]);
    timer.stop();
    const abandoned = this.executor.abandonJobs();
    this.executor.stop();
    this.presence.announceLeaving();
    servedHandlers.delete(this.listHandlers);
    await this.nats.flush().catch(() => undefined);
    const ms = Math.round(performance.now() - since);
    this.logger.log({ event: 'rpc.closed', abandoned, ms });
  }
}

/** Unsubscribes and waits until what NATS had already sent is here. While NATS is away there is nothing to wait for. */
function drainOne(subscription: Subscription): Promise<void> {
  return subscription.isClosed() ? Promise.resolve() : subscription.drain().catch(() => undefined);
}

class StopTimer {
  readonly over: Promise<void>;
  private timer?: NodeJS.Timeout;

  constructor(ms: number) {
    this.over = new Promise((resolve) => {
      this.timer = setTimeout(resolve, ms);
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
