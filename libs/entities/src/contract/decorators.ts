import { type HandlerContract, longestTimerMs } from '@ccgame/rpc';
import type { EntityContract } from './entity-contract.js';
import type { EntityOf, RoomOf } from '../live/entity-of.js';

/** How entities of a class live, are stored and are released. */
export interface EntityOptions {
  /**
   * Where it goes on when its version is given to nobody new: `move` carries it to the version that players get by then,
   * `finish` leaves it where it is until it ends. Default: `finish` for rooms, `move` for other entities.
   */
  onRelease?: 'move' | 'finish';
  /** The version of `state`, counted up where code can't take the state that the code before it left: `upgrade` does. Default 1. */
  stateVersion?: number;
  /** How often a state that changed is stored, ms. Default 1000. */
  checkpointMs?: number;
  /** A call to an id that isn't there creates it, without an init. Default false. */
  createOnCall?: boolean;
  /** An entity without calls for so long leaves memory, ms. Default 60 000. Rooms stay. */
  idleMs?: number;
  /** Bytes of the state as JSON. Default 256 KiB. */
  maxStateBytes?: number;
}

/** How rooms of a class tick, and how many they take. */
export interface RoomOptions extends Omit<EntityOptions, 'createOnCall' | 'idleMs'> {
  /** Ticks a second, 1 to 60. */
  tickHz: number;
  /** Keeps what happens to the room in a file of its server, to play it against other code: `ccgame rooms replay`. Default false. */
  record?: boolean;
  /** Members that the room takes; one more gets ROOM_FULL. Default: any number. */
  capacity?: number;
  /**
   * A member who is away for so long leaves, ms of the room's time; and at once, when the player's session is closed for good: an operator
   * kicked or banned the player, or the game closed it. Default: members stay until `EntityClient.leave`.
   */
  leaveAfterMs?: number;
  /** The time that a tick and the calls since the last one may take, ms: a metric names rooms over it. Default: a tenth of the time. */
  tickBudgetMs?: number;
}

/** A class with `@Entity` or `@Room`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any constructor: its parameters are injected
export type EntityClass<E extends EntityOf = EntityOf> = new (...args: any[]) => E;

/** The metadata that the decorators leave on a class. */
export interface EntityMark extends Required<EntityOptions> {
  contract: EntityContract;
  /** Undefined: no room. */
  tickHz?: number;
  tickBudgetMs?: number;
  capacity?: number;
  leaveAfterMs?: number;
  record?: boolean;
  /** The methods that `@Alarm()` marks. */
  alarms: readonly string[];
}

/** One method that answers a contract. */
export interface HandlerMark {
  contract: HandlerContract;
  method: string;
}

/** NATS takes no message over 1 MB, and the answers that are kept have to fit too. */
const mostStateBytes = 900 * 1024;

const marks = new WeakMap<object, EntityMark>();
const handlers = new WeakMap<object, HandlerMark[]>();
const alarms = new WeakMap<object, string[]>();
const defaults = {
  stateVersion: 1,
  checkpointMs: 1_000,
  createOnCall: false,
  idleMs: 60_000,
  maxStateBytes: 256 * 1024,
};

/** NaN is above nothing, so a limit of it would be none; and what a timer can't hold is over at once. */
const bounds = {
  stateVersion: [1, Number.MAX_SAFE_INTEGER],
  checkpointMs: [1, longestTimerMs],
  idleMs: [1, longestTimerMs],
  maxStateBytes: [1, mostStateBytes],
  capacity: [1, 1_000_000],
  leaveAfterMs: [1, longestTimerMs],
} as const;

/** Marks the class of an entity. */
export function Entity(contract: EntityContract, options: EntityOptions = {}): (target: EntityClass) => void {
  return (target) => void marks.set(target, markFrom(target, contract, 'move', options));
}

/** Marks the class of a room. */
export function Room(contract: EntityContract, options: RoomOptions): (target: EntityClass<RoomOf>) => void {
  const { tickHz } = options;
  if (!Number.isInteger(tickHz) || tickHz < 1 || tickHz > 60) {
    throw new Error(`${contract.name}: tickHz is a whole number from 1 to 60, not ${tickHz}`);
  }
  return (target) => {
    const isSeen = 'view' in target.prototype || 'viewOf' in target.prototype;
    if (isSeen && !contract.asksForView) {
      throw new Error(`${target.name} has a view, so its contract needs a viewHandler: players ask by that`);
    }
    if (!isSeen && contract.asksForView) {
      throw new Error(`${target.name} has neither view nor viewOf, and its contract has a viewHandler`);
    }
    marks.set(target, markFrom(target, contract, 'finish', options));
  };
}

function markFrom(
  target: EntityClass,
  contract: EntityContract,
  onRelease: 'move' | 'finish',
  options: EntityOptions & Partial<RoomOptions>,
): EntityMark {
  const mark = {
    ...defaults,
    onRelease,
    ...withoutUndefined(options),
    contract,
    alarms: marksOf(alarms, target),
  };
  for (const [name, [min, max]] of Object.entries(bounds)) {
    const value = mark[name as keyof typeof bounds];
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    throw new Error(`${contract.name}: ${name} is a whole number from ${min} to ${max}, not ${value}`);
  }
  const { tickBudgetMs } = mark;
  if (
    tickBudgetMs !== undefined &&
    !(typeof tickBudgetMs === 'number' && tickBudgetMs > 0 && tickBudgetMs <= 1_000)
  )
    throw new Error(`${contract.name}: tickBudgetMs is more than 0 and at most 1000, not ${tickBudgetMs}`);
  return mark;
}

/** An option that is given as undefined is as one left out: a spread would put it over its default. */
function withoutUndefined<O extends object>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}

type HandlingMethod<P, R> = (payload: P, ...call: never[]) => R;

/** Marks the method that answers a contract. It is synchronous: what it waits for can't be played again. */
export function Handles<P, R>(
  contract: HandlerContract<P, R>,
): <M extends HandlingMethod<P, R>>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void {
  return (target, method) => {
    const known = handlers.get(target) ?? [];
    handlers.set(target, [...known, { contract, method }]);
  };
}

/** Marks a method that `setAlarm` has called later, with the data given there. It is synchronous, as a handler is. */
export function Alarm(): <M extends (data: never) => void>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void {
  return (target, method) => void alarms.set(target, [...(alarms.get(target) ?? []), method]);
}

/** @throws Error for a class without `@Entity` or `@Room` */
export function markOf(entityClass: EntityClass): EntityMark {
  const mark = marks.get(entityClass);
  if (!mark) throw new Error(`${entityClass.name} has neither @Entity nor @Room`);
  return mark;
}

/** Those of the class itself and of the classes that it extends. */
export function handlersOf(entityClass: EntityClass): HandlerMark[] {
  return marksOf(handlers, entityClass);
}

function marksOf<M>(known: WeakMap<object, M[]>, entityClass: EntityClass): M[] {
  const found: M[] = [];
  for (let at = entityClass.prototype as object | null; at; at = Object.getPrototypeOf(at) as object | null) {
    found.push(...(known.get(at) ?? []));
  }
  return found;
}
