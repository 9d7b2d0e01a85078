import { AsyncLocalStorage } from 'node:async_hooks';
import { context as otel, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import type { Hop } from './slow/hop.js';

/** The context that travels with a call through every hop. */
export interface RpcContext {
  /** The version that calls without one of their own go to: the session's. */
  readonly version?: string;
  /** When the caller gives up, on the clock of `performance.now()`, in ms. */
  readonly deadline?: number;
  /** W3C trace context, passed through as it came. */
  readonly traceparent?: string;
  /** Small facts about who asks, such as the player's id. They come from servers only. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Further attributes of the calls that are made here, each of one call alone: what names that call. */
  readonly ownAttributes?: Readonly<Record<string, string>>;
  /**
   * The id that the client gave to its message, where this process took it from the client. The servers that are called find it
   * as `attributes.request`: apart from the others, which are the same for the whole session and written down once.
   */
  readonly requestId?: string;
  /** The name of the work that is handled here, for the log: `matching.user_join_matching`, `POST /v1/login`, a handler's name. It isn't sent. */
  readonly route?: string;
  /** The calls out of it that took long, for the log: filled as they end. It isn't sent. */
  readonly hops?: Hop[];
  /** The span of a client's request, where an SDK records it: ended with the answer. It isn't sent. */
  readonly span?: Span;
}

const storage = new AsyncLocalStorage<RpcContext>();
/** The context outside any call. */
export const nobody: RpcContext = Object.freeze({ attributes: Object.freeze({}) });

/** The context of the call that is being handled. */
export const rpcContext = {
  /** Outside any call: no version, no deadline, no attributes. */
  get(): RpcContext {
    return storage.getStore() ?? nobody;
  },

  /** Runs `fn`, and everything that it awaits, in this context. */
  run<T>(context: Partial<RpcContext>, fn: () => T): T {
    return storage.run(context.attributes ? (context as RpcContext) : { ...context, attributes: {} }, fn);
  },

  /**
   * Runs `fn`, and all that it begins, outside any call: for a timer, a loop or a question that serves others than whoever came first.
   * Else it would go on for ever with that one's deadline, player and trace.
   */
  runOutside<T>(fn: () => T): T {
    return storage.run(nobody, () => otel.with(ROOT_CONTEXT, fn));
  },

  /** As {@link run}, for the engine: a context that is complete, and no closure. */
  enter<A, B>(context: RpcContext, fn: (a: A, b: B) => void, a: A, b: B): void {
    storage.run(context, fn, a, b);
  },

  /** Milliseconds until the caller gives up; Infinity where nobody waits. */
  timeLeftMs(): number {
    const deadline = storage.getStore()?.deadline;
    return deadline === undefined ? Infinity : deadline - performance.now();
  },
};
