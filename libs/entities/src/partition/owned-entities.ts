import { rpcContext } from '@ccgame/rpc';
import { BindingErrors } from '@ccgame/sessions';
import { answerAgain, dataOf } from '../live/data-of.js';
import { metrics } from '../metrics.js';
import { EntityLoader, type Offered } from '../memory/entity-loader.js';
import { EntityMemory } from '../memory/entity-memory.js';
import { EntityMover } from './entity-mover.js';
import { haltHung } from '../hangs/halt-hung.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import { FenceRenewer } from '../storage/fence-renewer.js';
import { Flusher } from '../storage/flusher.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { mayMake } from '../inputs/birth.js';
import { InputApplier } from '../inputs/input-applier.js';
import { LogRing } from '../storage/log-ring.js';
import { MemberBindings } from '../rooms/member-bindings.js';
import { keepHouseOften } from './housekeeping.js';
import { CallSender } from './call-sender.js';
import { openTickers } from './open-tickers.js';
import type { OwnedContext } from './owned-context.js';
import { restorePartition } from '../memory/restore-partition.js';
import { RoomAudience } from '../rooms/room-audience.js';
import { storeStopSent } from '../rooms/store-stop-sent.js';
import type { RoomTickers } from '../rooms/room-tickers.js';
import type { KeptSample } from '../storage/entity-store.js';
import { StateWrites } from '../storage/state-writes.js';
import { SleepingAlarms } from '../memory/sleeping-alarms.js';

const confirmEveryMs = 700;

/** The entities of a partition in memory, from the moment when this server owns it until it doesn't. */
export class OwnedEntities {
  readonly ready: Promise<void>;
  readonly memory: EntityMemory;
  readonly flusher: Flusher;
  private readonly tickers: RoomTickers;
  private readonly inputs: InputApplier;
  private readonly loader: EntityLoader;
  private readonly mover: EntityMover;
  private readonly audience: RoomAudience;
  private readonly callSender: CallSender;
  private readonly sleepingAlarms: SleepingAlarms;
  private readonly endHousekeeping: () => void;
  private isRestored = false;

  constructor(private readonly context: OwnedContext) {
    const { store, fenced, outputs, onLost } = context;
    const held = new Map<string, HeldEntity>();
    // In a partition that had no rooms nothing else has asked for long: a room that comes would stand still until something does.
    const writes = new StateWrites(fenced, (begunAt) => (this.flusher.confirmedAt = begunAt));
    this.audience = new RoomAudience(new MemberBindings(context.bindings), context.views);
    this.flusher = new Flusher({
      fenced,
      ring: LogRing.fromLog(store.image.log),
      subjects: store.subjects,
      rounds: context.rounds,
      readStored: ({ key, isRoom }) => store.readState(key, isRoom, fenced.fenceSequence),
      held,
      hasRooms: [...context.kinds.values()].some(({ mark }) => mark.tickHz !== undefined),
      onStored: (one, n) => this.noteStored(one, n),
      onLost,
    });
    const { flusher, audience } = this;
    this.tickers = openTickers({ ...context, flusher, audience, inputs: () => this.inputs });
    this.loader = new EntityLoader({
      ...context,
      writes,
      // Pushes that are played again were sent when they happened.
      sendVolatile: (to, route, data) =>
        this.isRestored ? outputs.sendVolatile(to, route, data) : undefined,
    });
    const { tickers, loader } = this;
    this.inputs = new InputApplier({ ...context, flusher, tickers });
    this.memory = new EntityMemory(held, {
      ...{ flusher, tickers, loader, fences: new FenceRenewer(fenced), now: context.now },
      // Things that it still has to send are not of the call that woke it.
      onLoaded: (one) => rpcContext.runOutside(() => this.begin(one)),
      onForgotten: (one) => void context.recordings.endRecording(one),
    });
    this.callSender = new CallSender({
      calls: context.calls,
      confirmOwner: () => flusher.confirmOwner(),
      isHere: (one) => !this.memory.isClosed && this.memory.has(one),
      storeArrival: (one, numbers) => this.inputs.storeArrival(one, numbers),
    });
    this.sleepingAlarms = new SleepingAlarms({ ...context, wake: (key, at) => this.memory.wake(key, at) });
    const goOn = (one: HeldEntity): void => this.goOn(one);
    this.mover = new EntityMover({ ...context, flusher, tickers, memory: this.memory, goOn });
    this.ready = this.restore();
    this.endHousekeeping = keepHouseOften(() => this.keepHouse());
  }

  /** @throws RpcError what the handler throws; MOVED, GONE, BUSY, NO_ENTITY, ENTITY_EXISTS, ENTITY_STOPPED, STATE_TOO_LARGE */
  async receive(request: EntityRequest): Promise<unknown> {
    if (!this.isRestored) await this.ready;
    if (request.input !== 'stored') await this.flusher.confirmOwner();
    const key = `${request.entity}.${request.id}`;
    if (request.builtIn === 'settle') return this.memory.settleCall(key, request);
    // One that is there already is answered all the same.
    if (!this.memory.hasBorn(key)) this.inputs.assertMayBeBorn(request);
    let held = this.memory.peekCallable(key);
    // It may have left memory since, or be on its way to another version.
    while (!held || !this.memory.has(held) || held.leaving) held = await this.memory.find(key, request);
    held.usedAt = performance.now();
    if (request.input !== 'stored') return this.receiveUnstored(held, request);
    const { live } = held;
    const outcome = request.s && live.heard.find(request.s);
    const known = outcome ? answerAgain(outcome) : live.answerTo(request);
    if (known) {
      await held.lastStored;
      // Taken back, where the call was refused, or another one of its batch.
      return held.live === live ? this.audience.noteAnswer(held, request, known) : this.receive(request);
    }
    const { c, after } = request;
    try {
      if (c && after !== undefined && !held.live.hasHad(c, after)) throw BindingErrors.TOO_EARLY();
      const pending = this.inputs.applyCall(held, request);
      await pending.stored;
      const mark = request.s && held.live.heard.find(request.s);
      return await this.audience.noteAnswer(held, request, mark ? answerAgain(mark) : pending.answer);
    } finally {
      if (!held.live.isBorn) this.memory.unload(held);
    }
  }

  /** Goes on with an entity that another version offered. @throws RpcError ENTITY_REFUSED, or MOVED where it isn't to be had */
  async take(key: string, offered: Offered): Promise<void> {
    await this.ready;
    await this.memory.take(key, offered);
  }

  /** @returns by which state version it would be taken @throws RpcError ENTITY_REFUSED */
  tryTaking(key: string, stateVersion: number): Promise<number> {
    return this.ready.then(() => this.loader.tryTaking(key, stateVersion));
  }

  /** @throws RpcError see {@link EntityMover.tryMoving} */
  async tryMoving(held: HeldEntity, to: string): Promise<void> {
    await this.mover.tryMoving(held, to);
  }

  /** See `PartitionStore.sampleKept`. */
  sampleKept(name: string, most: number): Promise<KeptSample> {
    return this.context.store.sampleKept(name, most);
  }

  /** One that sleeps, as it is stored; it stays out of memory. @returns undefined: it doesn't, or is another version's */
  async loadAsleep(key: string): Promise<HeldEntity | undefined> {
    const held = this.memory.peek(key) ? undefined : await this.loader.loadOwn(key);
    return held?.live.isBorn && !held.isStopped ? held : undefined;
  }

  /** Where the storage knows another owner, or none, the partition is lost. */
  confirmOwner(): void {
    if (this.isRestored) this.flusher.request();
  }

  /** Ends the ticks, and stores all that there is for the next owner. @returns whether the states have all of it, so that no log is needed */
  async finish(): Promise<boolean> {
    await this.ready;
    await this.tickers.untilTicked();
    this.memory.close();
    this.tickers.stopAll();
    const isStored = await this.flusher.finish(true);
    return isStored && [...this.memory.all()].every((held) => !held.isAhead && held.hasSentAll);
  }

  /** Memory doesn't count any more. */
  discard(): void {
    this.endHousekeeping();
    this.tickers.stopAll();
    this.flusher.discard();
    this.context.outputs.close();
    this.callSender.close();
    this.memory.discard();
  }

  /** All that waited for the storage leaves; an entity that has ended is let go. */
  private noteStored(one: HeldEntity, n: number): void {
    this.sendStored(one, one.isStopped ? Infinity : n);
    if (one.isStopped) this.tickers.stop(one);
    if (one.live.isBorn) return;
    this.audience.endRoom(one);
    this.memory.unload(one);
  }

  private async restore(): Promise<void> {
    const since = performance.now();
    const { hangs, store } = this.context;
    const restored = await restorePartition(store.image, hangs, async (key) => {
      const held = await this.loader.loadOwn(key, store.image.states.get(key));
      return held && this.memory.hold(held);
    });
    metrics.recovery.observe((performance.now() - since) / 1_000);
    this.isRestored = true;
    store.forgetImage();
    for (const held of restored) this.begin(held);
    this.flusher.request();
  }

  /** Has an entity go on that has just come into memory. */
  private begin(held: HeldEntity): void {
    if (!this.isRestored || this.memory.isClosed) return;
    haltHung(held, this.context.hangs);
    held.isTakenOver = held.live.isBorn;
    const left = this.mover.resume(held);
    if (left) return void left.then(() => this.sendStored(held, held.storedN, true));
    this.sendStored(held, held.live.n, true);
    this.goOn(held);
  }

  private goOn(held: HeldEntity): void {
    if (this.memory.isClosed) return;
    if (held.kind.mark.record && !held.live.recorder) this.context.recordings.beginRecording(held);
    this.tickers.start(held);
  }

  /** @param isAgain the owner before may have sent it */
  private sendStored(held: HeldEntity, upTo: number, isAgain = false): void {
    this.context.outputs.sendPushes(held, upTo, isAgain);
    this.callSender.sendCalls(held, upTo);
  }

  private async receiveUnstored(held: HeldEntity, request: EntityRequest): Promise<unknown> {
    if (!held.live.isBorn && !mayMake(request, held)) this.memory.unload(held);
    if (request.builtIn === 'view') {
      this.inputs.assertCallable(held, request);
      return this.audience.noteFollower(held, request);
    }
    const answer = this.inputs.applyUnstored(held, request);
    const { live } = held;
    if (request.input === 'query') await held.lastStored;
    else held.markDirty();
    // The query saw more than was kept.
    return held.live === live ? dataOf(answer) : this.receive(request);
  }

  private keepHouse(): void {
    if (!this.isRestored || this.memory.isClosed) return;
    const now = performance.now();
    let isWanted = this.tickers.count > 0 && now - this.flusher.confirmedAt > confirmEveryMs;
    for (const held of this.memory.all()) {
      const { mark } = held.kind;
      if (held.isStopped) void storeStopSent(held, this.context.store);
      if (held.isRoom) this.audience.renewDue(held, now);
      // First: an entity whose alarm is due stays, though nobody has called it for long.
      else if (held.live.nextAlarmAt !== undefined) this.inputs.ringAlarms(held);
      if (held.dirtySince !== undefined) isWanted ||= now - held.dirtySince >= held.dueAfterMs;
      else if (now - held.usedAt > mark.idleMs && (!held.isRoom || !held.live.isBorn || held.isStopped)) {
        this.sleepingAlarms.noteAlarm(held.key, held.live.nextAlarmAt, held.timeAt(this.context.now()));
        this.memory.unload(held);
      }
    }
    this.sleepingAlarms.wakeDue();
    if (isWanted) this.flusher.request();
    this.mover.moveAll();
  }
}
