import { type HandlerContract, RpcError } from '@ccgame/rpc';
import type { AnyPushes } from '@ccgame/sessions';
import type { LeaveReason } from './leave-reason.js';

/** A call as its handler sees it. */
export class EntityCall {
  /** @param playerId the player who asks; undefined where a server asks for itself */
  constructor(readonly playerId?: string) {}

  /** The player who asks. @throws RpcError FORBIDDEN where a server asks for itself */
  get callingPlayer(): string {
    if (this.playerId === undefined)
      throw new RpcError('FORBIDDEN', { message: 'Only a player may ask this' });
    return this.playerId;
  }
}

/** How a push of an entity is sent. */
export interface PushChoice {
  /** Not stored: sent at once, and lost where the player is between two sockets. */
  volatile?: boolean;
}

/** The services that the engine gives an entity. */
export interface EntityRuntime {
  readonly id: string;
  now(): number;
  random(): number;
  push(playerIds: readonly string[], route: string, data: unknown, choice?: PushChoice): void;
  sendCall(contract: HandlerContract, id: string, payload: unknown): void;
  members(): readonly string[];
  isAway(playerId: string): boolean;
  tick(): number;
  end(): void;
  setAlarm(method: string, ms: number, data: unknown): void;
  clearAlarm(method: string): void;
}

const runtimes = new WeakMap<EntityOf, EntityRuntime>();

/** @internal */
export function bindRuntime(entity: EntityOf, runtime: EntityRuntime): void {
  runtimes.set(entity, runtime);
}

/**
 * A stateful object with an id, in one place at a time. Everything that is to last is in `state`, as plain JSON. Methods
 * take their time and chance from `now` and `random`, which are the same when a successor plays the inputs again.
 *
 * Its types are those of the state, of what `create` gets, and of the game's pushes (`PushRoutes`): with them a wrong route or data is no
 * program, without them any are taken.
 */
export abstract class EntityOf<S extends object = object, I = unknown, P extends AnyPushes = AnyPushes> {
  state: S;

  /** The state of a new entity. */
  abstract create(init: I): S;

  /**
   * The state as this code knows it, made of one that code of a smaller `stateVersion` left. Without it such an entity stays
   * in its version.
   */
  upgrade?(old: unknown, from: number): S;

  /** The state as code of a smaller `stateVersion` knows it, for the way back. It must leave `state` as it is. */
  downgrade?(state: S, to: number): unknown;

  /** Whether a player's call by its id is let in: everybody's here, and members' at a room. It may read `state`, and changes nothing. */
  admits(_playerId: string): boolean {
    return true;
  }

  get id(): string {
    return this.runtime.id;
  }

  /**
   * Epoch ms when the call came, a query too: by the clock of NATS, or later where that was set back. In a room it is the time of its tick,
   * which stands still in a move.
   */
  get now(): number {
    return this.runtime.now();
  }

  /** From 0 to 1, as `Math.random`. */
  random(): number {
    return this.runtime.random();
  }

  /** Pushes to players, once what it rests on is stored; each of them gets it once, and in order. */
  push<R extends keyof P & string>(
    playerIds: readonly string[],
    route: R,
    data: P[R],
    choice?: PushChoice,
  ): void {
    this.runtime.push(playerIds, route, data, choice);
  }

  /**
   * Calls another entity, of whichever server type, once what the call rests on is stored. Its handler is called once, whatever is killed
   * meanwhile, and this entity's calls to it come in their order. There is no answer: one that is refused is in the log as
   * `entity.call-refused`. The entity may {@link end} in the same input.
   *
   * @param contract of a `serverHandler` with stored inputs
   * @throws RpcError TOO_MANY_CALLS where 256 or 128 KiB have not arrived yet; INVALID for an id that is none; Error where the payload
   * isn't of the contract or larger than 16 KiB
   */
  sendCall<P>(contract: HandlerContract<P>, id: string, payload: NoInfer<P>): void {
    this.runtime.sendCall(contract, id, payload);
  }

  /** The entity is no more after this input, and its state is deleted. */
  end(): void {
    this.runtime.end();
  }

  /**
   * Has a method that is marked by `@Alarm()` called once, with `data`: when `ms` have gone by of the entity's own time, or of a
   * room's; at once where `ms` are below 0, as of a date that has gone by. It is stored, and wakes an entity that sleeps. The alarm that was set
   * last for a method counts.
   */
  setAlarm(method: string & keyof this, ms: number, data?: unknown): void {
    this.runtime.setAlarm(method, ms, data);
  }

  /** Nothing happens where none is set. */
  clearAlarm(method: string & keyof this): void {
    this.runtime.clearAlarm(method);
  }

  protected get runtime(): EntityRuntime {
    const runtime = runtimes.get(this);
    if (!runtime) throw new Error('An entity has no runtime in its constructor');
    return runtime;
  }
}

/** By name; a value has to be the very one that is searched for. */
export type RoomLabels = Readonly<Record<string, string | number | boolean>>;

/** An entity with members and a tick. */
export abstract class RoomOf<
  S extends object = object,
  I = unknown,
  P extends AnyPushes = AnyPushes,
> extends EntityOf<S, I, P> {
  /** Called `tickHz` times a second. @param dt ms between two ticks, always the same @param tick counts from 1 */
  abstract tick(dt: number, tick: number): void;

  override admits(playerId: string): boolean {
    return this.members.includes(playerId);
  }

  /** By what the room is found in a list of rooms, such as its map, in 2 KiB as JSON; undefined: it is in none. It reads `state`, and changes nothing. */
  labels?(): RoomLabels | undefined;

  /**
   * The view of the room that players get: it reads `state`, and changes nothing. Members get it whole, and then what has changed after each
   * tick; others who are admitted may ask for it. The contract has to have a `viewHandler`.
   */
  view?(): object;

  /**
   * In the place of {@link view}: what one player sees, a member or one who is admitted, as where there is fog of war. It is called for each
   * player who follows, after each tick.
   */
  viewOf?(playerId: string): object;

  /** A player is to be a member; throws where the room doesn't admit the player. */
  join?(playerId: string): void;

  /** A player is no member any more, once this is called. */
  leave?(playerId: string, why: LeaveReason): void;

  /** A member has no connection any more: the socket is gone, or the connector that had it. */
  away?(playerId: string): void;

  /** A member who was away has one again, or plays in another session by now: push what it has to know. */
  back?(playerId: string): void;

  /** Whether a member was away when the room was told last. */
  isAway(playerId: string): boolean {
    return this.runtime.isAway(playerId);
  }

  /** The newest tick's number; 0 before the first. */
  get ticks(): number {
    return this.runtime.tick();
  }

  /** In the order in which they joined. */
  get members(): readonly string[] {
    return this.runtime.members();
  }

  /** {@link EntityOf.push} to all members. */
  broadcast<R extends keyof P & string>(route: R, data: P[R], choice?: PushChoice): void {
    this.push(this.members, route, data, choice);
  }
}
