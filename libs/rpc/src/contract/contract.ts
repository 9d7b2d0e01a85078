/** A DTO class: its class-validator decorators are the one declaration of what may cross the border. */
export type DtoClass<T = unknown> = new (...args: never[]) => T;

/** A contract's payload or result: a DTO class, a primitive, a list of one of them, or nothing. */
export type Shape =
  | DtoClass
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | readonly [DtoClass | StringConstructor | NumberConstructor | BooleanConstructor];

/** The TypeScript type that a {@link Shape} stands for. */
export type ShapeOf<S> = S extends undefined
  ? void
  : S extends StringConstructor
    ? string
    : S extends NumberConstructor
      ? number
      : S extends BooleanConstructor
        ? boolean
        : S extends readonly [infer Item]
          ? ShapeOf<Item>[]
          : S extends DtoClass<infer T>
            ? T
            : never;

/** `client`: players may call it through a connector. `server`: only servers may. Each has its own subject prefix. */
export type HandlerScope = 'client' | 'server';

/**
 * Whether a client may send again when a call broke before its answer came:
 * `never` ask the player again, `safe` send it again as often as needed, `once` send it again with the same message id,
 * because the handler keeps the ids that it has seen.
 */
export type RetryPolicy = 'never' | 'safe' | 'once';

/** A kind of room to which players are bound, and where one of them is found. */
export interface BoundThing {
  /** `<server type>.<entity>` */
  kind: string;
  keyOf: (id: string) => string;
  objectOf: (id: string) => string;
}

/** How often a player may call a handler. */
export interface CallLimit {
  /** Messages a second, on average: 0.001 to a million. */
  readonly perSecond: number;
  /** Messages at once: a whole number from 1 to a million. */
  readonly burst: number;
  /** Whether a message counts, and may be refused; it is given what came, unchecked. Left out: each does. */
  readonly counts?: (payload: unknown) => boolean;
}

/** A handler as both sides see it. Declared once, where both import it. */
export interface HandlerContract<P = unknown, R = unknown> {
  readonly scope: HandlerScope;
  readonly serverType: string;
  readonly handler: string;
  readonly payload: Shape | undefined;
  readonly result: Shape | undefined;
  readonly retryPolicy: RetryPolicy;
  /** With `once`: the handler itself knows a message that it has handled, so nobody else keeps its id. */
  readonly knowsRepeats: boolean;
  /** The connector passes a player's calls to it in the order in which they came: one at a time, unless it `knowsOrder`. */
  readonly ordered: boolean;
  /**
   * With `ordered`: the handler answers TOO_EARLY where it hasn't had the message whose id is the attribute `after`, so a player's
   * calls need not wait for each other's answers.
   */
  readonly knowsOrder: boolean;
  /** Only the server that owns the key of the target answers: see `RpcServer.ownKey`. */
  readonly keyed: boolean;
  /**
   * The key that a player's message is for, of a keyed handler; undefined: it names none, see `bound`. It is given what came,
   * unchecked; throws INVALID.
   */
  readonly keyOf?: (payload: unknown) => string | undefined;
  /** The name of the thing that a player's message is for, of a keyed handler: callers keep by it where the thing lives. */
  readonly objectOf?: (payload: unknown) => string | undefined;
  /** The kind of thing that the player is bound to, of a keyed handler that players call without naming the thing. */
  readonly bound?: BoundThing;
  /** How often a player may call it, unless the game says otherwise. */
  readonly limit?: CallLimit;
  /** Never set: carries the types. */
  readonly types?: { payload: P; result: R };
}

/** A contract that also knows its own names as literal types: the client's routes are made of them. */
export type NamedContract<T extends string, H extends string, P, R> = HandlerContract<P, R> & {
  readonly serverType: T;
  readonly handler: H;
};

interface ContractOptions<
  T extends string,
  H extends string,
  P extends Shape | undefined,
  R extends Shape | undefined,
> {
  serverType: T;
  handler: H;
  payload?: P;
  result?: R;
  keyed?: boolean;
}

interface ClientContractOptions<
  T extends string,
  H extends string,
  P extends Shape | undefined,
  R extends Shape | undefined,
> extends ContractOptions<T, H, P, R> {
  retryPolicy?: RetryPolicy;
  knowsRepeats?: boolean;
  ordered?: boolean;
  knowsOrder?: boolean;
  keyOf?: (payload: unknown) => string | undefined;
  objectOf?: (payload: unknown) => string | undefined;
  bound?: BoundThing;
  limit?: CallLimit;
}

/** Declares a handler that players may call. */
export function clientHandler<
  const T extends string,
  const H extends string,
  const P extends Shape | undefined = undefined,
  const R extends Shape | undefined = undefined,
>(options: ClientContractOptions<T, H, P, R>): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
  return contract('client', options);
}

/** Declares a handler that only servers may call. */
export function serverHandler<
  const T extends string,
  const H extends string,
  const P extends Shape | undefined = undefined,
  const R extends Shape | undefined = undefined,
>(options: ContractOptions<T, H, P, R>): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
  return contract('server', options);
}

function contract<
  T extends string,
  H extends string,
  P extends Shape | undefined,
  R extends Shape | undefined,
>(
  scope: HandlerScope,
  options: ClientContractOptions<T, H, P, R>,
): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
  return Object.freeze({
    scope,
    serverType: options.serverType,
    handler: options.handler,
    payload: options.payload,
    result: options.result,
    retryPolicy: options.retryPolicy ?? 'never',
    knowsRepeats: options.knowsRepeats ?? false,
    ordered: options.ordered ?? false,
    knowsOrder: options.knowsOrder ?? false,
    keyed: options.keyed ?? false,
    keyOf: options.keyOf,
    objectOf: options.objectOf,
    bound: options.bound,
    limit: options.limit,
  });
}

type CallOf<C> =
  C extends NamedContract<string, string, infer P, infer R> ? { payload: P; result: R } : never;

/** The pushes of a game, by route, of their classes. */
export type PushesOf<P extends Record<string, DtoClass>> = { [R in keyof P]: InstanceType<P[R]> };

/** The requests of a game's client, by route: `matching.user_join_matching` takes one type and gives another. */
export type RequestsOf<H extends Record<string, HandlerContract>> = {
  [C in H[keyof H] as `${C['serverType']}.${C['handler']}`]: CallOf<C>;
};
