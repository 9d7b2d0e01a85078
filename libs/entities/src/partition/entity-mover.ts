import { Logger } from '@nestjs/common';
import type { FencedPartition } from '@ccgame/ownership';
import { RpcError } from '@ccgame/rpc';
import type { EntityMark } from '../contract/decorators.js';
import type { HangMarks } from '../hangs/hang-marks.js';
import { runWatched, lifeOf } from '../hangs/run-watched.js';
import { downgradeState, reasonOf, refuse, type VersionedState } from '../live/change-state.js';
import type { LiveEntity } from '../live/live-entity.js';
import { metrics } from '../metrics.js';
import type { Offered } from '../memory/entity-loader.js';
import type { EntityMemory } from '../memory/entity-memory.js';
import type { Flusher } from '../storage/flusher.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';
import { assertFitsOffer } from '../storage/checkpoint-size.js';
import { measureHeld } from '../storage/measure-held.js';
import type { PartitionStore } from '../storage/entity-store.js';
import type { RoomTickers } from '../rooms/room-tickers.js';
import { stoppedForSeconds } from '../rooms/stop-room.js';
import type { MovedKind, MoveSlots } from './move-slots.js';

/** The questions to the servers of another version. */
export interface VersionCalls {
  /**
   * @param stateVersion of the class that has it
   * @returns by which state version it would be taken
   * @throws RpcError ENTITY_REFUSED, or when nobody answers
   */
  tryTaking(version: string, entity: string, stateVersion: number): Promise<number>;
  /** @throws as {@link tryTaking} */
  take(version: string, entity: string, offered: Offered): Promise<void>;
}

/** The parts of a partition by which its entities move to another version. */
export interface MoverContext {
  fenced: FencedPartition;
  store: Pick<PartitionStore, 'subjects'>;
  flusher: Flusher;
  tickers: RoomTickers;
  memory: EntityMemory;
  versions: VersionCalls;
  moveSlots: MoveSlots;
  kinds: ReadonlyMap<string, EntityKind>;
  hangs: Pick<HangMarks, 'hangsOf'>;
  /** Has one go on that stays here. */
  goOn: (held: HeldEntity) => void;
  /** The version that goes on with this one's entities; undefined: none. */
  heir: () => string | undefined;
}

const isMoved = ({ mark }: EntityKind): boolean => mark.onRelease === 'move';
const kindOf = ({ mark }: EntityKind): MovedKind => (mark.tickHz === undefined ? 'others' : 'rooms');

/** One that another version didn't take is tried again after so long, ms. */
const againMs = 30_000;
/** That nobody there answers may change any moment. */
const soonMs = 1_000;

/**
 * Carries entities to another version: offers each in the stream, has that version take it, and takes it back where that fails.
 * Both are writes over the same sequence, so exactly one of both counts.
 */
export class EntityMover {
  private readonly log = new Logger('entities');
  private readonly underWay = new Set<HeldEntity>();

  private readonly movedKinds: MovedKind[];
  private readonly again = (): void => this.moveAll();

  constructor(private readonly context: MoverContext) {
    this.movedKinds = [...context.kinds.values()].filter(isMoved).map(kindOf);
  }

  /** Carries as many as may be on their way at a time to the version that goes on with them, and the next one whenever one has arrived. */
  moveAll(): void {
    const { memory, moveSlots, heir } = this.context;
    const to = heir();
    if (to === undefined || memory.isClosed) return;
    const now = performance.now();
    const left = new Set(this.movedKinds);
    for (const held of memory.all()) {
      if (left.size === 0) return;
      const kind = kindOf(held.kind);
      const mayMove = left.has(kind) && held.live.isBorn && !held.isStopped && isMoved(held.kind);
      if (!mayMove || this.underWay.has(held) || now < held.leavesAgainAt) continue;
      if (moveSlots.take(kind, this.again)) void this.moveInSlot(held, to, kind);
      else left.delete(kind);
    }
  }

  /** One that was offered by an owner who is gone. @returns when it has left, or is here again; undefined: nobody offered it */
  resume(held: HeldEntity): Promise<void> | undefined {
    const { to } = held.live.place;
    if (to === undefined) return undefined;
    held.isFrozen = true;
    this.underWay.add(held);
    held.leaving = this.handTo(held, to).finally(() => this.settle(held));
    return held.leaving;
  }

  /**
   * Whether another version would go on with an entity. Nothing is changed.
   *
   * @returns the state version of that one's class
   * @throws RpcError ENTITY_REFUSED, or where nobody answers
   */
  async tryMoving({ key, live, kind }: HeldEntity, to: string): Promise<number> {
    const { mark } = kind;
    const stateVersion = await this.context.versions.tryTaking(to, key, mark.stateVersion);
    if (this.context.hangs.hangsOf(key, lifeOf(live), 'downgrade').length > 0)
      refuse('a server hung in its downgrade');
    offerOf(live, mark, stateVersion);
    return stateVersion;
  }

  private async moveInSlot(held: HeldEntity, to: string, kind: MovedKind): Promise<void> {
    this.underWay.add(held);
    try {
      await this.move(held, to);
    } finally {
      this.underWay.delete(held);
      // In its turn, as others may wait for the slot.
      this.context.moveSlots.free(kind);
    }
  }

  /** Until the other version takes it for sure, the entity goes on here. */
  private async move(held: HeldEntity, to: string): Promise<void> {
    const { context } = this;
    let stateVersion: number;
    try {
      stateVersion = await this.tryMoving(held, to);
    } catch (error) {
      return this.stayed(held, to, error);
    }
    await context.tickers.untilTicked(held);
    if (context.memory.isClosed || !context.memory.has(held)) return;
    if (!held.live.isBorn || held.isStopped) return;
    held.leaving = this.offer(held, to, stateVersion).finally(() => this.settle(held));
    await held.leaving;
  }

  private async offer(held: HeldEntity, to: string, stateVersion: number): Promise<void> {
    const { flusher, tickers } = this.context;
    tickers.stop(held);
    // With all that was applied by then, and isn't refused.
    const makeOffer = (): void => {
      const { live, kind } = held;
      try {
        live.offer = offerOf(live, kind.mark, stateVersion);
      } catch (error) {
        live.place = { version: live.place.version };
        throw error;
      }
    };
    held.live.place = { ...held.live.place, to };
    const isOffered = await flusher.storeLastState(held, makeOffer).catch((error: unknown) => {
      this.stayed(held, to, error);
      return false;
    });
    if (isOffered) return this.handTo(held, to, held.committedState);
    held.live.place = { version: held.live.place.version };
    held.live.offer = undefined;
  }

  /** @param state as it was offered; undefined: it is to be read */
  private async handTo(held: HeldEntity, to: string, state?: string): Promise<void> {
    const since = performance.now();
    const { context } = this;
    const entity = held.kind.mark.contract.name;
    try {
      await context.versions.take(to, held.key, { seq: held.storedSeq, state });
    } catch (error) {
      if (await this.takeBack(held)) return this.stayed(held, to, error);
    }
    const ms = Math.round(performance.now() - since);
    metrics.moves.inc({ entity });
    this.log.log({ event: 'entity.moved', entity, id: held.id, to, ms });
    context.memory.forget(held);
  }

  /** @returns false: the other version has it, or this server isn't the owner any more */
  private async takeBack(held: HeldEntity): Promise<boolean> {
    const { fenced, store } = this.context;
    const { live } = held;
    live.place = { version: live.place.version };
    live.offer = undefined;
    // It may have been stopped meanwhile, and stored so.
    const { isStopped } = held;
    const payload = (isStopped ? measureHeld(held) : live.snapshot()).checkpoint;
    const ttl = isStopped && { ttlSeconds: stoppedForSeconds };
    const subject = store.subjects.state(held.key, held.isRoom);
    try {
      const fence = await fenced.commit([{ subject, payload, expected: held.storedSeq, ...ttl }]);
      held.storedSeq = fence + 1;
      // The state of before has the offer in it, which is no more.
      held.commitAs(payload);
      held.isStopStored = isStopped;
      held.isFrozen = false;
      return true;
    } catch {
      return false;
    }
  }

  /** Somebody has to look: the release can't have this entity as it is. */
  private stayed(held: HeldEntity, to: string, error: unknown): void {
    const isRefused = error instanceof RpcError && error.code === 'ENTITY_REFUSED';
    held.leavesAgainAt = performance.now() + (isRefused ? againMs : soonMs);
    held.live.offer = undefined;
    const entity = held.kind.mark.contract.name;
    metrics.failedMoves.inc({ entity });
    this.log.error({ event: 'entity.move-failed', entity, id: held.id, to, reason: reasonOf(error) });
  }

  private settle(held: HeldEntity): void {
    held.leaving = undefined;
    this.underWay.delete(held);
    // Not before: what it is told while it leaves is dropped.
    if (!held.isFrozen && this.context.memory.has(held)) this.context.goOn(held);
  }
}

/** The state as older code knows it; undefined: that code takes it as it is. @throws RpcError ENTITY_REFUSED */
function offerOf(live: LiveEntity, mark: EntityMark, to: number): VersionedState | undefined {
  const offer = runWatched(live, 'downgrade', () => downgradeState(live.instance, mark, to));
  if (offer) assertFitsOffer(live, offer);
  return offer;
}
