import { errorText } from '@ccgame/config';
import { type HandlerContract, RpcError } from '@ccgame/rpc';
import { type EntityClass, handlersOf, markOf } from '../contract/decorators.js';
import { entityInfoOf, idIn } from '../contract/entity-contract.js';
import { EntityErrors } from '../errors.js';
import type { EntityOf, RoomOf } from '../live/entity-of.js';
import { leaveInput, type LeaveReason } from '../live/leave-reason.js';
import { LiveEntity } from '../live/live-entity.js';
import type { Answer, Checkpoint, StoredInput } from '../live/records.js';
import { asStored } from '../live/as-stored.js';
import { dataOf } from '../live/data-of.js';
import { assertAdmitted } from '../inputs/assert-admitted.js';
import { assertAdmittedAtBirth } from '../inputs/birth.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import { runAt } from '../inputs/run-at.js';

/** As a server looks for alarms that are due, ms. */
const serverLooksEveryMs = 100;

/** How an entity begins in a test. */
export interface TestEntityOptions<I> {
  /** Default `test`. */
  id?: string;
  init?: I;
  /** The seed of its randomness. Default 1. */
  seed?: number;
  /** Its `now` at the start, epoch ms. Default 0. */
  startsAt?: number;
  /** The arguments of its constructor. */
  constructorArguments?: unknown[];
}

/** A push that an entity has sent in a test. */
export interface TestPush {
  to: readonly string[];
  route: string;
  data: unknown;
  isVolatile: boolean;
}

/** A call to another entity that an entity has sent in a test. */
export interface TestSentCall {
  /** `<server type>.<handler>` */
  route: string;
  id: string;
  payload: unknown;
}

/** An entity in a unit test: no NATS, no process, and a clock that the test moves. */
export class TestEntity<E extends EntityOf<S, I>, S extends object = E['state'], I = unknown> {
  /** All that it pushed, in order. */
  readonly pushes: TestPush[] = [];
  /** All that it sent to other entities, in order; each has arrived. */
  readonly sentCalls: TestSentCall[] = [];
  instance: E;
  protected live: LiveEntity;
  protected now: number;

  constructor(
    private readonly entityClass: EntityClass<E>,
    private readonly options: TestEntityOptions<I> = {},
  ) {
    this.now = options.startsAt ?? 0;
    this.revive(undefined);
    this.createEntity(options.init);
  }

  get state(): E['state'] {
    return this.instance.state;
  }

  get hasEnded(): boolean {
    return this.live.hasEnded;
  }

  /**
   * Calls a handler, as a player where one is named, who has to be let in. Throws what it throws, and NO_ENTITY after its end; for an error that is
   * none of the catalogue INTERNAL, with that as its `cause`.
   */
  call<P, R>(contract: HandlerContract<P, R>, payload: NoInfer<P>, playerId?: string): R {
    const mark = handlersOf(this.entityClass).find((one) => one.contract === contract);
    if (!mark) throw new Error(`${this.entityClass.name} has no handler for ${contract.handler}`);
    const given = asStored(payload);
    const info = entityInfoOf(mark.contract);
    const input = info?.input;
    const named = info?.idField && idIn(given, info.idField, info.mayBeUnnamed);
    const isOfPlayer = playerId !== undefined && contract.scope === 'client';
    const asked = named === undefined ? 'by-binding' : 'by-id';
    const request = { asked: isOfPlayer ? asked : 'by-server', p: playerId } as const;
    this.ensureBorn(request);
    const { live } = this;
    runAt(live, this.now, () => assertAdmitted(live, request));
    if (input !== 'stored') {
      const ask = (): Answer => live.applyUnstored(mark.method, given, playerId, input === 'query');
      return resultOf(runAt(live, this.now, ask), live.thrown) as R;
    }
    return this.apply({ h: mark.method, d: given, p: playerId }) as R;
  }

  /** Lets so much time go by: alarms come when they are due, whether the entity sleeps or not. */
  advance(ms: number): void {
    const until = this.now + ms;
    for (let at = this.live.nextAlarmAt; at !== undefined && at <= until; at = this.live.nextAlarmAt) {
      this.now = Math.max(this.now, at);
      this.ringAlarms();
      // One that is due again at once comes when a server looks next.
      if ((this.live.nextAlarmAt ?? Infinity) <= this.now) this.now += serverLooksEveryMs;
      if (this.now > until) break;
    }
    this.now = until;
  }

  /** As after a move to another server: a new instance, with the state as it is stored. */
  moveToAnotherServer(): void {
    this.revive(JSON.parse(this.live.snapshot().checkpoint) as Checkpoint);
  }

  protected apply(input: Omit<StoredInput, 'n' | 'at'>): unknown {
    const k = this.live.tick;
    const answer = this.live.apply({ ...input, n: this.live.n + 1, at: this.now, k });
    const { thrown } = this.live;
    this.takeOutputs();
    return resultOf(answer, thrown);
  }

  /** An alarm that throws does so here. */
  protected ringAlarms(now = this.now): void {
    for (const method of this.live.dueAlarms(now)) this.applyOwn({ h: method, b: 'alarm' });
  }

  /** An input of the engine's own: there is none of what has ended. */
  protected applyOwn(input: Omit<StoredInput, 'n' | 'at'>): void {
    if (this.live.isBorn) this.apply(input);
  }

  protected takeOutputs(): void {
    const { outputs, calls } = this.live.outbox;
    for (const { to, route, data } of outputs.splice(0)) {
      this.pushes.push({ to, route, data, isVolatile: false });
    }
    const sent = calls.all;
    if (sent.length === 0) return;
    for (const { serverType, handler, id, d: payload } of sent) {
      this.sentCalls.push({ route: `${serverType}.${handler}`, id, payload });
    }
    this.apply({ h: '', b: 'arrived', d: sent.map(({ number }) => number) });
  }

  private createEntity(init?: I): void {
    this.apply(this.birthOf(init));
  }

  private birthOf(init?: I): StoredInput {
    const { seed = 1 } = this.options;
    return { n: this.live.n + 1, at: this.now, h: '', b: 'create', d: asStored(init), seed, birth: 'test' };
  }

  /** One that has ended is made anew by a call that it lets in, where its class says so. */
  private ensureBorn(request: Pick<EntityRequest, 'asked' | 'p'>): void {
    if (this.live.isBorn) return;
    if (!markOf(this.entityClass).createOnCall) throw EntityErrors.NO_ENTITY();
    assertAdmittedAtBirth(this.live, request, this.birthOf());
    this.createEntity();
  }

  private revive(checkpoint: Checkpoint | undefined): void {
    const { id = 'test', constructorArguments = [] } = this.options;
    const mark = markOf(this.entityClass);
    this.instance = new this.entityClass(...constructorArguments);
    const key = `${mark.contract.name}.${id}`;
    this.live = LiveEntity.restore(key, id, mark, this.instance, checkpoint, (to, route, data) =>
      this.pushes.push({
        to,
        route,
        data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
        isVolatile: true,
      }),
    );
  }
}

/** @throws RpcError as a server does; INTERNAL with what the code threw, as a test has no log in which to look for it */
function resultOf(answer: Answer, thrown: unknown): unknown {
  if (!('error' in answer) || answer.error.code !== 'INTERNAL') return dataOf(answer);
  const { code, ...rest } = answer.error;
  throw new RpcError(code, { ...rest, message: errorText(thrown), cause: thrown });
}

/** A {@link TestEntity} with members and ticks. */
export class TestRoom<E extends RoomOf<S, I>, S extends object = E['state'], I = unknown> extends TestEntity<
  E,
  S,
  I
> {
  get tick(): number {
    return this.live.tick;
  }

  get members(): readonly string[] {
    return this.instance.members;
  }

  join(playerId: string): void {
    this.applyCall({ h: '', b: 'join', d: playerId });
  }

  leave(playerId: string, why: LeaveReason = 'left'): void {
    this.applyCall({ h: '', b: 'leave', d: leaveInput({ playerId, why }) });
  }

  reserveSeats(players: string[], forMs: number): void {
    this.applyCall({ h: '', b: 'reserve', d: JSON.stringify({ players, forMs }) });
  }

  /** A member's connection breaks. */
  away(playerId: string): void {
    this.applyOwn({ h: '', b: 'away', d: [playerId, 'test'] });
  }

  back(playerId: string): void {
    this.applyOwn({ h: '', b: 'back', d: [playerId, 'test'] });
  }

  /** Lets so much of the room's time go by: all the ticks and alarms that are in it, and the ends of those who are away too long. */
  override advance(ms: number): void {
    const until = this.live.time + ms;
    const everyMs = 1_000 / (markOf(this.instance.constructor as EntityClass).tickHz ?? 1);
    while (this.live.time + everyMs <= until + 1e-6 && !this.hasEnded) {
      this.live.runTick();
      this.takeOutputs();
      this.ringAlarms(this.live.time);
      for (const playerId of this.live.overdueMembers())
        this.applyOwn({ h: '', b: 'leave', d: leaveInput({ playerId, why: 'timeout' }) });
    }
  }

  /** @throws RpcError NO_ENTITY after its end */
  private applyCall(input: Omit<StoredInput, 'n' | 'at'>): void {
    if (!this.live.isBorn) throw EntityErrors.NO_ENTITY();
    this.apply(input);
  }
}

/** Runs an entity without a server: no NATS, no clock of its own. */
export function testEntity<E extends EntityOf>(
  entityClass: EntityClass<E>,
  options?: TestEntityOptions<Parameters<E['create']>[0]>,
): TestEntity<E> {
  return new TestEntity(entityClass, options);
}

/** A room in a unit test, with virtual time. */
export function testRoom<E extends RoomOf>(
  roomClass: EntityClass<E>,
  options?: TestEntityOptions<Parameters<E['create']>[0]>,
): TestRoom<E> {
  return new TestRoom(roomClass, options);
}
