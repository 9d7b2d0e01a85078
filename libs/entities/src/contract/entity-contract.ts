import { createHash } from 'node:crypto';
import {
  checkName,
  clientHandler,
  type HandlerContract,
  type NamedContract,
  serverHandler,
  type Shape,
  type ShapeOf,
} from '@ccgame/rpc';

/** How a call to an entity is kept. */
export interface EntityHandlerInfo {
  readonly entity: EntityContract;
  readonly input: InputKind;
  /** Of a handler for players: the field of the payload that names the entity. */
  readonly idField?: string;
  /** Calls of the engine itself. */
  readonly builtIn?: BuiltIn;
}

/**
 * `stored`: before it is answered, so it is never lost, and applied once. `volatile`: not at all, so it is lost with its server.
 * `query`: it changes nothing, and its answer waits until what it shows is stored.
 */
export type InputKind = 'stored' | 'volatile' | 'query';

export type BuiltIn = 'create' | 'join' | 'leave';

const infos = new WeakMap<HandlerContract, EntityHandlerInfo>();

/** What a handler's contract says of entities; undefined for one of a plain controller. */
export function entityInfoOf(contract: HandlerContract): EntityHandlerInfo | undefined {
  return infos.get(contract);
}

interface EntityOptions<T extends string> {
  serverType: T;
  name: string;
  /** Of all entities of the server type: their states are stored and owned by partition. Never to be changed. Default 16. */
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
  payload: P;
  /** The field of the payload that says which entity is meant. */
  id: keyof ShapeOf<P> & string;
}

/** A kind of entity as callers and its server see it. */
export class EntityContract<T extends string = string> {
  readonly partitions: number;
  /** The engine's own handlers, which servers call by `EntityClient`. */
  readonly create: HandlerContract<string, void>;
  readonly join: HandlerContract<string, void>;
  readonly leave: HandlerContract<string, void>;

  constructor(
    readonly serverType: T,
    readonly name: string,
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
  }

  /** Declares a handler that players may call; the entity's id is a field of the payload. */
  clientHandler<const H extends string, const P extends Shape, const R extends Shape | undefined = undefined>(
    handler: H,
    { payload, result, input = 'stored', id }: ClientHandlerOptions<P, R>,
  ): NamedContract<T, H, ShapeOf<P>, ShapeOf<R>> {
    const contract = clientHandler({
      serverType: this.serverType,
      handler,
      payload,
      result,
      retryPolicy: retryPolicies[input],
      knowsRepeats: input !== 'volatile',
      ordered: true,
      keyed: true,
      keyOf: (data) => this.keyOf(idOf(data, id)),
      objectOf: (data) => this.objectOf(idOf(data, id)),
    });
    infos.set(contract, { entity: this, input, idField: id });
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
    return contract;
  }

  /** The partition of an entity, as the key of a target. @throws RpcError INVALID */
  keyOf(id: string): string {
    const hash = createHash('sha1')
      .update(`${this.name}\n${checkName('entityId', id)}`)
      .digest();
    return partitionKey(hash.readUInt32BE(0) % this.partitions);
  }

  /** An entity's name among all of its server type. */
  objectOf(id: string): string {
    return `${this.name}.${id}`;
  }

  private builtIn(builtIn: BuiltIn): HandlerContract<string, void> {
    const handler = `${this.name}_${builtIn}`;
    const contract = serverHandler({ serverType: this.serverType, handler, payload: String, keyed: true });
    infos.set(contract, { entity: this, input: 'stored', builtIn });
    return contract;
  }
}

const retryPolicies = { stored: 'once', volatile: 'never', query: 'safe' } as const;

/** Declares a kind of entity. Once, where its callers and its server import it. */
export function entity<const T extends string>({
  serverType,
  name,
  partitions = 16,
}: EntityOptions<T>): EntityContract<T> {
  return new EntityContract(serverType, name, partitions);
}

export const partitionKey = (index: number): string => `p${index}`;

/** The entity that a payload names. @throws RpcError INVALID */
export function idOf(payload: unknown, field: string): string {
  return checkName('entityId', (Object(payload) as Record<string, unknown>)[field]);
}
