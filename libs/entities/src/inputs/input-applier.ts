import { RpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import { asStored } from '../live/as-stored.js';
import { leaveInput, type LeaveReason } from '../live/leave-reason.js';
import type { Answer, OwnInput, StoredInput } from '../live/records.js';
import { metrics } from '../metrics.js';
import { assertNotHeldBack, assertNotPaused } from './assert-not-paused.js';
import { assertAdmitted } from './assert-admitted.js';
import { assertPlacesFit } from './assert-places-fit.js';
import { assertRoomForMore } from './assert-room-for-more.js';
import { assertAdmittedAtBirth, birthInput } from './birth.js';
import type { EntityRequest } from './entity-request.js';
import type { Flusher } from '../storage/flusher.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';
import { againMs, noteAlarm } from './note-alarm.js';
import { runAt } from './run-at.js';
import { PendingInput } from '../storage/pending-input.js';
import type { RoomLoad } from '../rooms/room-load.js';
import type { RoomTickers } from '../rooms/room-tickers.js';
import { stopRoom } from '../rooms/stop-room.js';

export interface InputApplierContext {
  flusher: Flusher;
  tickers: RoomTickers;
  load: RoomLoad;
  kinds: ReadonlyMap<string, EntityKind>;
  /** Epoch ms on the clock of NATS. */
  now: () => number;
}

/** Calls of a room that fail one after the other: many, so that it takes more than a player's odd message. */
const mostFailedCalls = 20;
/** An input that is so far ahead of the clock of NATS says when it came by that, ms: the push log counts in seconds. */
const aheadMs = 1_000;
/** Bytes of one input as JSON. */
const mostInputBytes = 256 * 1024;
/** Bytes of a partition that may wait for the storage. */
const mostPendingBytes = 3 * 1024 * 1024;

/** Applies inputs to entities in memory, and has them stored. */
export class InputApplier {
  constructor(private readonly context: InputApplierContext) {}

  /** Before an id is claimed, as a claim is stored. @throws RpcError BUSY, TOO_LARGE */
  assertMayBeBorn({ entity, builtIn, payload, input }: EntityRequest): void {
    const { kinds, load } = this.context;
    if (builtIn === 'create') assertRoomForMore(kinds.get(entity), load);
    if (input !== 'stored') return;
    this.assertNotBusy();
    assertFits(builtIn === 'create' ? (payload as string) : JSON.stringify(payload ?? null));
  }

  private assertNotBusy(): void {
    if (this.context.flusher.bytes > mostPendingBytes) throw new RpcError('BUSY', { retryAfterMs: 100 });
  }

  /** @throws RpcError BUSY, TOO_LARGE, NO_ENTITY, ENTITY_EXISTS, ENTITY_STOPPED, NOT_ADMITTED, NOT_BOUND, ROOM_FULL */
  applyCall(held: HeldEntity, request: EntityRequest): PendingInput {
    this.assertNotBusy();
    assertNotPaused(held);
    assertNotHeldBack(held);
    const { mark } = held.kind;
    const { method: h, builtIn: b, payload: d, p, c, s, asked } = request;
    if (b === 'create') {
      if (held.live.isBorn) throw EntityErrors.ENTITY_EXISTS();
      // JSON has no word for "nothing given", for which `create` may have a default.
      const init: unknown = JSON.parse(d as string) ?? undefined;
      return this.addBirth(held, birthInput(held.live, this.context.now(), init, c));
    }
    if (s) held.live.heard.assertRoomFor(s, this.timeOf(held));
    if (c) held.live.answers.assertRoomFor(c, this.timeOf(held));
    this.createOnCall(held, request);
    this.assertCallable(held, request);
    assertPlacesFit(held, request);
    const k = mark.tickHz && held.live.tick;
    const input = { n: held.live.n + 1, h, b, d, at: this.timeOf(held), k, p, c, s };
    return this.addInput(held, input, asked !== 'by-server');
  }

  /** @throws RpcError NO_ENTITY, ENTITY_STOPPED, NOT_ADMITTED, NOT_BOUND */
  applyUnstored(held: HeldEntity, request: EntityRequest): Answer {
    const { method, payload, p, input } = request;
    assertNotPaused(held);
    this.createOnCall(held, request);
    this.assertCallable(held, request);
    const startedAt = performance.now();
    const answer = runAt(held.live, this.timeOf(held), () =>
      held.live.applyUnstored(method, asStored(payload), p, input === 'query'),
    );
    this.noteCall(held, answer, startedAt);
    return answer;
  }

  /** The first call makes it, a query as well, where that call is let in. */
  private createOnCall(held: HeldEntity, request: EntityRequest): void {
    if (held.live.isBorn || !held.kind.mark.createOnCall) return;
    const birth = birthInput(held.live, this.context.now());
    assertAdmittedAtBirth(held.live, request, birth);
    assertFits(JSON.stringify(request.payload ?? null));
    this.addBirth(held, birth);
  }

  private addBirth(held: HeldEntity, birth: StoredInput): PendingInput {
    const pending = this.addInput(held, birth);
    held.time.beginAnew(held.live.time);
    // The end that is stored instead is anybody's.
    if (!held.live.isBorn) held.claimedUntil = undefined;
    this.context.tickers.start(held);
    return pending;
  }

  private addInput(held: HeldEntity, given: StoredInput, isOfPlayer = false): PendingInput {
    const now = this.context.now();
    const input = given.at - now > aheadMs ? { ...given, came: now } : given;
    const json = JSON.stringify(input);
    assertFits(json);
    const startedAt = performance.now();
    // As a successor has it: a pipe, or its class, may have made dates, Sets or methods of the payload, which no stored input has.
    const answer = held.live.apply(JSON.parse(json) as StoredInput);
    held.time.reachTime(held.live.time);
    const pending = new PendingInput(held, input, json, answer, isOfPlayer);
    held.markDirty();
    metrics.inputs.inc({ entity: held.kind.mark.contract.name });
    this.context.flusher.add(pending);
    this.noteCall(held, pending.answer, startedAt);
    if (input.b === 'join' || input.b === 'leave') this.context.tickers.membersChanged(held);
    return pending;
  }

  private timeOf(held: HeldEntity): number {
    return held.timeAt(this.context.now());
  }

  stopRoom(held: HeldEntity, reason: string): void {
    stopRoom(held, reason);
    this.context.tickers.stop(held);
    this.context.flusher.request();
  }

  /** A room whose code fails at call after call is stopped; an error that it throws by name is an answer. */
  private noteCall(held: HeldEntity, answer: Answer, startedAt: number): void {
    if (!held.isRoom) return;
    this.context.load.noteCall(held, performance.now() - startedAt);
    const hasFailed = 'error' in answer && answer.error.code === 'INTERNAL';
    held.failedCalls = hasFailed ? held.failedCalls + 1 : 0;
    if (held.failedCalls >= mostFailedCalls)
      this.stopRoom(held, `${mostFailedCalls} calls failed one after the other`);
  }

  /** @throws RpcError NO_ENTITY, ENTITY_STOPPED, NOT_ADMITTED, NOT_BOUND */
  assertCallable(held: HeldEntity, request: EntityRequest): void {
    this.assertUsable(held);
    runAt(held.live, this.timeOf(held), () => assertAdmitted(held.live, request));
  }

  private assertUsable(held: HeldEntity): void {
    if (held.isStopped) throw EntityErrors.ENTITY_STOPPED();
    if (!held.live.isBorn) throw EntityErrors.NO_ENTITY();
  }

  /**
   * Stores an input of the engine's own: the room has something to send after a tick, or has ended; or a member is away, or back.
   */
  storeOwn(held: HeldEntity, b: OwnInput | 'leave', d?: unknown, h = ''): PendingInput | undefined {
    if (b !== 'tick' && (!held.live.isBorn || held.isStopped || held.leaving)) return undefined;
    const { n, tick: k } = held.live;
    return this.addInput(held, { n: n + 1, h, b, d, at: this.timeOf(held), k });
  }

  /** @returns undefined where it can't be now: a member who is overdue is told of again */
  endMembership(held: HeldEntity, playerId: string, why: LeaveReason): PendingInput | undefined {
    if (held.isHeldBack || performance.now() < held.ringsAgainAt) return undefined;
    const pending = this.storeOwn(held, 'leave', leaveInput({ playerId, why }));
    pending?.stored.catch(() => (held.ringsAgainAt = performance.now() + againMs));
    return pending;
  }

  /** Stores that calls of this entity have arrived, also where it has ended. @returns undefined where nothing is stored: it is on its way to another version, or was stopped */
  storeArrival(held: HeldEntity, numbers: readonly number[]): PendingInput | undefined {
    if (held.leaving || held.isFrozen) return undefined;
    const { n, tick: k, outbox } = held.live;
    // Nothing more is stored of it: a successor sends its calls once more, and their targets know them.
    if (held.isStopped) return void outbox.calls.removeCalls(numbers);
    return this.addInput(held, { n: n + 1, h: '', b: 'arrived', d: numbers, at: this.timeOf(held), k });
  }

  ringAlarms(held: HeldEntity): void {
    if (held.isPaused || held.isHeldBack || performance.now() < held.ringsAgainAt) return;
    for (const method of held.live.dueAlarms(held.isRoom ? held.live.time : this.timeOf(held))) {
      const pending = this.storeOwn(held, 'alarm', undefined, method);
      if (pending) noteAlarm(held, method, pending);
    }
  }
}

/** @throws RpcError TOO_LARGE */
function assertFits(json: string): void {
  if (Buffer.byteLength(json) > mostInputBytes) {
    throw new RpcError('TOO_LARGE', { details: { limit: mostInputBytes } });
  }
}
