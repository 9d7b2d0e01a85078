import { createHash } from 'node:crypto';
import {
  type BoundThing,
  type CallLimit,
  checkName,
  clientHandler,
  type HandlerContract,
  type NamedContract,
  serverHandler,
  type Shape,
  type ShapeOf,
} from '@ccgame/rpc';
import { FollowAnswer, FollowDto } from './follow.dto.js';

/** How a call to an entity is kept. */
export interface EntityHandlerInfo {
  readonly entity: EntityContract;
  readonly input: InputKind;
  /** The field of the payload that names the entity, where the handler is for players. */
  readonly idField?: string;
  /** Whether players may leave out which one they mean: it is the room that they are in. */
  readonly mayBeUnnamed?: boolean;
  /** Calls of the engine itself. */
  readonly builtIn?: BuiltIn;
}

/**
 * `stored`: before it is answered, so it is never lost, and applied once. `volatile`: not at all, so it is lost with its server.
 * `query`: it changes nothing, and its answer waits until what it shows is stored.
 */
export type InputKind = 'stored' | 'volatile' | 'query';

/** The handlers that the framework itself gives entities and rooms. */
export type BuiltIn = 'create' | 'join' | 'leave' | 'reserve' | 'settle' | 'view';

const infos = new WeakMap<HandlerContract, EntityHandlerInfo>();

/** The entity part of a handler's contract; undefined for a handler of a plain controller. */
export function entityInfoOf(contract: HandlerContract): EntityHandlerInfo | undefined {
  return infos.get(contract);
}

interface EntityOptions<T extends string, N extends string> {
  serverType: T;
  name: N;
  /** Partitions of the server type, by which its entities are stored and owned. Never to be changed. Default 16. */
  partitions?: number;
}

interface HandlerOptions<P extends Shape | undefined, R extends Shape | undefined> {
  payload?: P;
  result?: R;
  /** Default `stored`. */
  input?: InputKind;
}

interface ClientHandlerOptions<
  P extends Shape | undefined,
  R extends Shape | undefined,
> extends HandlerOptions<P, R> {
  /** The field of the payload that says which entity is meant. Without it: the room of which the player is a member. */
  id?: keyof ShapeOf<P> & string;
  /** With `id`: a player who leaves that field out means the own room. */
  idOptional?: boolean;
  /** How often a player may call it, for all entities together; a game may set another one in `routeLimits`. */
  limit?: CallLimit;
}

/** Ids whose partitions are remembered: to find one costs more than a call's other parts. */
const mostKeys = 4_096;

/** A kind of entity as callers and its server see it. */
export class EntityContract<T extends string = string, N extends string = string> {
  readonly partitions: number;
  /** Members are bound, as players call it without naming one. */
  bindsMembers = false;
  /** The engine's own handlers, which servers call by `EntityClient`. */
  readonly create: HandlerContract<string, void>;
  readonly join: HandlerContract<string, void>;
  readonly leave: HandlerContract<string, void>;
  readonly reserve: HandlerContract<string, void>;
  /** Another entity's server calls it to say that a stored call won't come again. */
  readonly settle: HandlerContract<string, void>;
  /** By which players ask for a room's view. */
  asksForView?: HandlerContract<FollowDto, FollowAnswer>;
  /** Those that a class has to have a method for. */
  readonly handlers = new Set<HandlerContract>();
  /** By id, of those that were called of late. */
  private readonly keys = new Map<string, string>();

  constructor(
    readonly serverType: T,
    readonly name: N,
    partitions: number,
  ) {
    checkName('serverType', serverType);
    checkName('entity', name);
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > 1_024) {
      throw new Error(
        `${serverType}.${name}: partitions is a whole number from 1 to 1024, not ${partitions}`,
      );
    }
    this.partitions = partitions;
    this.create = this.builtIn('create');
    this.join = this.builtIn('join');
    this.leave = this.builtIn('leave');
    this.reserve = this.builtIn('reserve');
    this.settle = this.builtIn('settle', 'volatile');
  }

  /** Declares a handler that players may call. They mean the room that they are in, or the entity that their payload names. */
  clientHandler<
    const H extends string,
    const P extends Shape | undefined = undefined,
    const R extends Shape | undefined = undefined,
  >(
    handler: H,
    { payload, result, input = 'stored', id, idOptional, limit }: ClientHandlerOptions<P, R> = {},
  ): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
    const mayBeUnnamed = id === undefined || idOptional === true;
    const contract = clientHandler({
      serverType: this.serverType,
      handler,
      payload,
      result,
      retryPolicy: retryPolicies[input],
      knowsRepeats: input !== 'volatile',
      ordered: true,
      knowsOrder: input === 'stored',
      keyed: true,
      limit,
      ...(id !== undefined && {
        keyOf: (data: unknown) => given(idIn(data, id, mayBeUnnamed), (one) => this.keyOf(one)),
        objectOf: (data: unknown) => given(idIn(data, id, mayBeUnnamed), (one) => this.objectOf(one)),
      }),
      ...(mayBeUnnamed && { bound: this.bindMembers() }),
    });
    infos.set(contract, { entity: this, input, idField: id, mayBeUnnamed });
    this.handlers.add(contract);
    return contract;
  }

  /**
   * Declares by which players ask to see a room whose class has a `view`: their own, or one that admits them. `client.room` of the SDK
   * does so by itself.
   */
  viewHandler(): NamedContract<T, `${N}_view`, FollowDto, FollowAnswer> {
    const contract = this.clientHandler(`${this.name}_view`, {
      payload: FollowDto,
      result: FollowAnswer,
      input: 'query',
      id: 'roomId',
      idOptional: true,
      limit: viewLimit,
    });
    infos.set(contract, { ...(infos.get(contract) as EntityHandlerInfo), builtIn: 'view' });
    this.handlers.delete(contract);
    this.asksForView = contract;
    return contract;
  }

  /** Declares a handler that only servers may call, by `EntityClient`. */
  serverHandler<
    const H extends string,
    const P extends Shape | undefined = undefined,
    const R extends Shape | undefined = undefined,
  >(
    handler: H,
    { payload, result, input = 'stored' }: HandlerOptions<P, R> = {},
  ): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
    const { serverType } = this;
    const contract = serverHandler({ serverType, handler, payload, result, keyed: true });
    infos.set(contract, { entity: this, input });
    this.handlers.add(contract);
    return contract;
  }

  /** The partition of an entity, as the key of a target. @throws RpcError INVALID */
  keyOf(id: string): string {
    let key = this.keys.get(id);
    if (key === undefined) {
      const hash = createHash('sha1')
        .update(`${this.name}\n${checkName('entityId', id)}`)
        .digest();
      key = partitionKey(hash.readUInt32BE(0) % this.partitions);
      if (this.keys.size >= mostKeys) this.keys.clear();
      this.keys.set(id, key);
    }
    return key;
  }

  /** An entity's name among all of its server type. */
  objectOf(id: string): string {
    return `${this.name}.${id}`;
  }

  /** As what its members are bound. */
  get kind(): string {
    return `${this.serverType}.${this.name}`;
  }

  private bindMembers(): BoundThing {
    this.bindsMembers = true;
    return { kind: this.kind, keyOf: (id) => this.keyOf(id), objectOf: (id) => this.objectOf(id) };
  }

  private builtIn(builtIn: BuiltIn, input: InputKind = 'stored'): HandlerContract<string, void> {
    const handler = `${this.name}_${builtIn}`;
    const contract = serverHandler({ serverType: this.serverType, handler, payload: String, keyed: true });
    infos.set(contract, { entity: this, input, builtIn });
    return contract;
  }
}

/**
 * Each answer is a whole view, up to thousands of times as large as the question. A client asks for a room once a second at most, and for all that it
 * follows, sixteen at most, on each new socket. One that is left costs nothing, and goes on costing something where that is refused.
 */
const viewLimit: CallLimit = {
  perSecond: 5,
  burst: 50,
  counts: (payload) => (Object(payload) as FollowDto).follow !== false,
};

const retryPolicies = { stored: 'once', volatile: 'never', query: 'safe' } as const;

/** Declares a kind of entity. Once, where its callers and its server import it. */
export function entity<const T extends string, const N extends string>({
  serverType,
  name,
  partitions = 16,
}: EntityOptions<T, N>): EntityContract<T, N> {
  return new EntityContract(serverType, name, partitions);
}

/** The key by which callers reach the owner of a partition. */
export const partitionKey = (index: number): string => `p${index}`;

/** The entity that a payload names; undefined: none, where that is allowed. @throws RpcError INVALID */
export function idIn(payload: unknown, field: string, mayBeUnnamed = false): string | undefined {
  const id = (Object(payload) as Record<string, unknown>)[field];
  return mayBeUnnamed && id === undefined ? undefined : checkName('entityId', id, field);
}

function given<T, R>(value: T | undefined, use: (value: T) => R): R | undefined {
  return value === undefined ? undefined : use(value);
}
