import type { EntityMark } from '../contract/decorators.js';
import { runWatched } from '../hangs/run-watched.js';
import { bindRuntime, EntityCall, type EntityOf, type RoomOf } from './entity-of.js';
import { Alarms } from './alarms.js';
import { Answers } from './answers.js';
import { answerOf, callHandler } from './call-handler.js';
import { HeardCalls } from './heard-calls.js';
import type { LiveRecorder } from './live-recorder.js';
import { runtimeOf } from './runtime-of.js';
import { Members } from './members.js';
import { Outbox, type SendVolatile } from './outbox.js';
import { newState } from './plain-state.js';
import { SeededRandom } from './random.js';
import { Reading } from './reading.js';
import { type EntityParts, type EntityProgress, measureOf, snapshotOf, surroundingsOf } from './snapshot.js';
import { synchronous } from './synchronous.js';
import { leftOf, unborn } from './unborn.js';
import type { Answer, CallId, Checkpoint, Place, Snapshot, StoredInput } from './records.js';

/**
 * One entity in memory: applies inputs and ticks, one at a time, and gives what it is by then. Pure: it knows no NATS and no
 * clock, and the same inputs give the same entity.
 */
export class LiveEntity implements EntityProgress {
  readonly outbox: Outbox;
  hasEnded = false;
  /** Goes with what is stored, and changes nothing here. */
  place: Place;
  recorder?: LiveRecorder;
  /** See {@link Checkpoint.offer}. */
  offer?: Checkpoint['offer'];
  /** A volatile input was applied since the last checkpoint: a replay comes to something else. */
  isTainted = false;
  /** A call to another entity rests on that, so a replay might send another one: its state is stored with it. */
  hasTaintedCall = false;
  /** For a test, which has no log: see {@link answerOf}. */
  thrown?: unknown;
  n: number;
  tick: number;
  /** Names its life: another one of that id has another. Empty: there was none. */
  birth: string;
  time: number;
  private readonly random: SeededRandom;
  private readonly reading: Reading;
  readonly members: Members;
  private readonly alarms: Alarms;
  readonly answers: Answers;
  readonly heard: HeardCalls;
  readonly parts: EntityParts;

  private constructor(
    readonly key: string,
    private readonly id: string,
    readonly mark: EntityMark,
    readonly instance: EntityOf,
    from: Omit<Checkpoint, 'state'> & { state?: object },
    sendVolatile: SendVolatile,
  ) {
    ({ n: this.n, tick: this.tick, birth: this.birth, now: this.time, offer: this.offer } = from);
    this.place = { version: from.version, to: from.to };
    this.random = new SeededRandom(from.random);
    this.reading = new Reading(this.random);
    this.members = new Members(from, mark.capacity);
    this.alarms = new Alarms(mark.alarms, from.alarms);
    this.answers = Answers.fromRecord(from.answers, from.now);
    this.heard = new HeardCalls(from.heard);
    this.outbox = new Outbox(from, sendVolatile);
    const { random, members, alarms, answers, heard, outbox } = this;
    this.parts = { random, members, alarms, answers, heard, outbox };
    if (from.state) instance.state = from.state;
    this.bindInstance();
  }

  /** @param checkpoint undefined: it has not been created; of one that was ended, its answers may be asked for again */
  static restore(
    key: string,
    id: string,
    mark: EntityMark,
    instance: EntityOf,
    checkpoint: Checkpoint | undefined,
    send: SendVolatile,
  ): LiveEntity {
    const from = checkpoint?.ended ? leftOf(checkpoint) : (checkpoint ?? unborn);
    return new LiveEntity(key, id, mark, instance, from, send);
  }

  get isBorn(): boolean {
    return this.birth !== '' && !this.hasEnded;
  }

  /** Whether a player may call it by its id. */
  admits(playerId: string): boolean {
    return this.look('admits', () => synchronous('admits', this.instance.admits(playerId)));
  }

  /** {@link admits}, if it were born so. Nothing of that birth is left, and nothing leaves it. @returns undefined: `create` throws */
  wouldAdmit(playerId: string, birth: StoredInput): boolean | undefined {
    const { instance } = this;
    const { state } = instance;
    const newborn = LiveEntity.restore(this.key, this.id, this.mark, instance, undefined, () => undefined);
    try {
      newborn.apply(birth);
      return newborn.isBorn ? newborn.admits(playerId) : undefined;
    } finally {
      instance.state = state;
      this.bindInstance();
    }
  }

  /** Runs code that shows the entity, and changes nothing of it. @param what the method */
  look<T>(what: string, show: () => T): T {
    return this.reading.runReadOnly(what, () => runWatched(this, what, show));
  }

  /** A room that has ended has no members. */
  isMember(playerId: string): boolean {
    return this.isBorn && this.members.has(playerId);
  }

  /** Seats that members have, and that are kept for others. */
  get seatsTaken(): number {
    return this.members.countTaken(this.time);
  }

  /** The answer that a call got already. */
  answerTo(input: Pick<StoredInput, 'c'>): Answer | undefined {
    return input.c && this.answers.find(input.c);
  }

  /** Whether the call that a player's call is to come after was applied. */
  hasHad({ caller }: CallId, after: number): boolean {
    return this.answers.hasHad(caller, after);
  }

  /** Applies an input, and keeps its answer under the call's id. */
  apply(input: StoredInput): Answer {
    const recorded = this.recorder && JSON.stringify(input);
    this.n = input.n;
    const life = this.isBorn ? this.birth : input.birth;
    if (!this.isBorn || !this.mark.tickHz) this.time = this.isBorn ? Math.max(this.time, input.at) : input.at;
    this.outbox.beginScope(`${life}-${input.n}`, input.n, input.came ?? input.at);
    const answer = answerOf(() => this.perform(input), this, input.h || (input.b ?? ''));
    if (input.c) this.answers.keep(input.c, answer, input.at);
    if (input.s) this.heard.noteCall(input.s, input.at, 'error' in answer ? answer.error.code : undefined);
    if (recorded !== undefined) this.recorder?.noteInput(recorded, answer);
    return answer;
  }

  /** An input that isn't stored: it has no number, and nothing of it is kept but what a volatile one did to the state. */
  applyUnstored(method: string, payload: unknown, playerId: string | undefined, isQuery: boolean): Answer {
    this.isTainted ||= !isQuery;
    this.outbox.beginScope('', 0);
    const recorded = !isQuery && this.recorder && JSON.stringify({ method, payload, playerId });
    const work = (): unknown => callHandler(this.instance, method, payload, new EntityCall(playerId));
    const answer = answerOf(isQuery ? () => this.reading.runReadOnly(method, work) : work, this, method);
    if (recorded) this.recorder?.noteVolatile(recorded);
    return answer;
  }

  /** One tick of a room. @param at epoch ms by the clock of NATS @throws what `tick` throws */
  runTick(at?: number): void {
    const dt = 1_000 / (this.mark.tickHz ?? 1);
    this.tick += 1;
    this.time += dt;
    // The input that tells how far the room has come follows at once.
    this.outbox.beginScope(`${this.birth}-t${this.tick}`, this.n + 1, at);
    try {
      runWatched(this, 'tick', () => synchronous('tick', (this.instance as RoomOf).tick(dt, this.tick)));
    } finally {
      const { recorder } = this;
      if (recorder) runWatched(this, 'state', () => recorder.noteTick(this));
    }
  }

  /** All that a room is beside its state, as JSON has it. */
  get surroundings(): object {
    return surroundingsOf(this.time, this.parts);
  }

  /** A push of the engine's own, at most one under `id` in the room's life. It leaves when the room's state is stored. */
  pushToMembers(route: string, data: object, id: string): void {
    const to = [...this.members.list];
    if (to.length > 0) this.outbox.addOutput({ id: `${this.birth}-${id}`, to, route, data, n: this.n });
  }

  /** The members of a room who have been away for its `leaveAfterMs`. */
  overdueMembers(): string[] {
    return this.isBorn ? this.members.awayFor(this.mark.leaveAfterMs ?? Infinity, this.time) : [];
  }

  /** When its next alarm is due, epoch ms. */
  get nextAlarmAt(): number | undefined {
    return this.isBorn ? this.alarms.nextAt : undefined;
  }

  /** When it has to be in memory, epoch ms: for an alarm of one that may sleep; or now, to send what others are to get. */
  get wakeAt(): number | undefined {
    const isRoom = this.mark.tickHz !== undefined;
    if (!this.outbox.isEmpty && !(isRoom && this.isBorn)) return 1;
    return isRoom || !this.isBorn ? undefined : this.alarms.nextAnywhereAt;
  }

  /** The methods of alarms that are due, the earliest first. */
  dueAlarms(now: number): string[] {
    return this.isBorn ? this.alarms.dueMethods(now) : [];
  }

  /** The entity as it is now, without the answers that it keeps: they are the most of it, and change with each input. */
  measure(state = this.stateJson()): ReturnType<typeof measureOf> {
    return measureOf(this, this.parts, state);
  }

  /** The entity as it is now, once as JSON. */
  snapshot(state = this.stateJson()): Snapshot {
    return snapshotOf(this, this.parts, state, this.mark.stateVersion);
  }

  /** @throws TypeError, RangeError for what JSON can't hold */
  stateJson(): string {
    return runWatched(this, 'state', () => JSON.stringify(this.instance.state) ?? '{}');
  }

  private bindInstance(): void {
    const { id, random, members, alarms, outbox, reading } = this;
    const runtime = runtimeOf({
      ...{ id, random, members, alarms, outbox, reading },
      now: () => this.time,
      tick: () => this.tick,
      end: () => (this.hasEnded = true),
      noteCall: () => (this.hasTaintedCall ||= this.isTainted),
    });
    bindRuntime(this.instance, runtime);
  }

  private perform({ h, b, d, p, seed, birth }: StoredInput): unknown {
    if (b === 'tick') return undefined;
    if (b === 'arrived') return this.outbox.calls.removeCalls(d as number[]);
    if (b === 'alarm') return this.ring(h);
    if (b === 'create') return this.beBorn(d, seed ?? 0, birth ?? '');
    if (this.members.applyInput(this.instance as RoomOf, b, d, this.time)) return undefined;
    return callHandler(this.instance, h, d, new EntityCall(p));
  }

  private beBorn(init: unknown, seed: number, birth: string): void {
    this.random.state = seed;
    this.tick = 0;
    this.members.clearAll();
    this.alarms.clearAll();
    this.birth = '';
    this.hasEnded = false;
    this.instance.state = newState(this.instance.create(init), this.mark.maxStateBytes);
    this.birth = birth;
  }

  private ring(method: string): void {
    const alarm = this.alarms.takeDue(method, this.time);
    if (alarm) callHandler(this.instance, method, alarm.data, new EntityCall());
  }
}
