import { NotRead } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import { refuse } from '../live/change-state.js';
import { assertNotPaused } from '../inputs/assert-not-paused.js';
import { assertAdmittedAtBirth, birthInput, mayMake } from '../inputs/birth.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import { metrics } from '../metrics.js';
import type { EntityLoader, Offered } from './entity-loader.js';
import type { FenceRenewer } from '../storage/fence-renewer.js';
import type { Flusher } from '../storage/flusher.js';
import type { HeldEntity } from './held-entity.js';
import type { RoomTickers } from '../rooms/room-tickers.js';

/** The parts of a partition that its memory works with. */
export interface MemoryContext {
  flusher: Flusher;
  tickers: RoomTickers;
  loader: EntityLoader;
  fences: FenceRenewer;
  /** Epoch ms on the clock of NATS. */
  now: () => number;
  onLoaded: (held: HeldEntity) => void;
  onForgotten: (held: HeldEntity) => void;
}

/** The entities of a partition that are in memory, each once. */
export class EntityMemory {
  /** Nobody gets an entity from here any more. */
  isClosed = false;
  private isDiscarded = false;
  private readonly loading = new Map<string, Promise<HeldEntity | undefined>>();

  constructor(
    private readonly held: Map<string, HeldEntity>,
    private readonly context: MemoryContext,
  ) {}

  all(): Iterable<HeldEntity> {
    return this.held.values();
  }

  hasBorn(key: string): boolean {
    return this.held.get(key)?.live.isBorn === true;
  }

  /** Undefined: it isn't in memory. */
  peek(key: string): HeldEntity | undefined {
    return this.held.get(key);
  }

  /** The entity, where {@link find} would give it at once: by far the most calls need no more. */
  peekCallable(key: string): HeldEntity | undefined {
    const held = this.held.get(key);
    return !this.isClosed && held?.live.isBorn && !held.leaving ? held : undefined;
  }

  /** The sender of a stored call keeps it no longer. */
  settleCall(key: string, { s }: Pick<EntityRequest, 's'>): void {
    const held = s && this.peek(key);
    if (held) held.live.heard.settleCall(s, held.timeAt(this.context.now()));
  }

  has(held: HeldEntity): boolean {
    return this.held.get(held.key) === held;
  }

  /**
   * The entity that a call is for; one that is nothing yet where it may be born by the call.
   *
   * @throws RpcError MOVED, with the version where it lives by now; NO_ENTITY, ENTITY_STOPPED, STATE_UNREADABLE, NOT_ADMITTED, NOT_BOUND
   */
  async find(key: string, request: Pick<EntityRequest, 'builtIn' | 'asked' | 'p'>): Promise<HeldEntity> {
    for (;;) {
      const held = this.held.get(key) ?? (await this.load(key).catch(refuseUnread));
      if (this.isClosed) throw new RpcError('MOVED');
      if (!held) throw EntityErrors.NO_ENTITY();
      // Another call may have had it leave memory, or this version, while this one waited.
      if (held.leaving) await held.leaving;
      else if (this.has(held)) {
        if (held.live.isBorn) return held;
        if (!mayMake(request, held)) {
          if (isSureAbsent(held)) return held;
          await this.loadAnew(held);
          continue;
        }
        assertNotPaused(held);
        if (held.isClaimed && !held.live.hasEnded) return held;
        this.assertAdmitted(held, request);
        held.claiming ??= this.claimId(held).finally(() => (held.claiming = undefined));
        await held.claiming;
      }
    }
  }

  /** @throws RpcError ENTITY_REFUSED, or MOVED where it isn't to be had */
  async take(key: string, offered: Offered): Promise<void> {
    for (;;) {
      const held = this.held.get(key);
      if (held?.live.isBorn && !held.leaving) return;
      // A former life of the id says nothing of the one that is offered.
      if (held) await (held.leaving ?? held.claiming ?? this.forgetStored(held));
      else await this.loading.get(key)?.catch(() => undefined);
      if (this.isClosed) throw new RpcError('MOVED');
      if (this.held.has(key) || this.loading.has(key)) continue;
      if (!(await this.load(key, offered))) refuse(`there is no class for ${key.split('.')[0]}`);
    }
  }

  /** Brings one into memory that sleeps. @param at its time, epoch ms @throws RpcError MOVED where another version has it; NotRead */
  async wake(key: string, at: number): Promise<void> {
    if (this.isClosed || this.held.has(key)) return;
    const held = await this.load(key);
    held?.time.reachTime(at);
    if (held && !held.live.isBorn) this.unload(held);
  }

  hold(held: HeldEntity): HeldEntity {
    if (this.isDiscarded) return held;
    this.held.set(held.key, held);
    metrics.live.inc({ entity: held.kind.mark.contract.name });
    return held;
  }

  /** It leaves memory, where its stored state has all of it, and others have all that it sent. */
  unload(held: HeldEntity): void {
    if (!held.isAhead && held.hasSentAll) this.forget(held);
  }

  forget(held: HeldEntity): void {
    if (!this.has(held)) return;
    this.context.tickers.stop(held);
    this.held.delete(held.key);
    this.context.onForgotten(held);
    metrics.live.dec({ entity: held.kind.mark.contract.name });
  }

  close(): void {
    this.isClosed = true;
  }

  discard(): void {
    this.isClosed = true;
    this.isDiscarded = true;
    for (const held of this.held.values()) {
      metrics.live.dec({ entity: held.kind.mark.contract.name });
      this.context.onForgotten(held);
    }
    this.held.clear();
  }

  private load(key: string, offered?: Offered): Promise<HeldEntity | undefined> {
    let loading = this.loading.get(key);
    if (!loading) {
      loading = this.loadNow(key, offered).finally(() => this.loading.delete(key));
      this.loading.set(key, loading);
    }
    return loading;
  }

  private async loadNow(key: string, offered?: Offered): Promise<HeldEntity | undefined> {
    const held = await this.context.loader.loadEntity(key, offered);
    if (held && !this.isDiscarded) {
      this.hold(held);
      this.context.onLoaded(held);
    }
    return held;
  }

  /** Another version may have made it ms ago, and the replica that was read not have that yet: it has what stands before a new fence. */
  private async loadAnew(held: HeldEntity): Promise<void> {
    await this.context.fences.renewFence().catch((cause: unknown) => {
      throw new RpcError('MOVED', { cause });
    });
    if (this.isClosed || !this.has(held) || isSureAbsent(held)) return;
    this.forget(held);
    const again = await this.load(held.key).catch(refuseUnread);
    if (again) again.isLookedUp = true;
  }

  /** Before the id is claimed, as a claim is stored and stays. */
  private assertAdmitted(held: HeldEntity, request: Pick<EntityRequest, 'asked' | 'p'>): void {
    try {
      assertAdmittedAtBirth(held.live, request, birthInput(held.live, this.context.now()));
    } catch (error) {
      if (!held.claiming) this.unload(held);
      throw error;
    }
  }

  /** One that isn't born leaves memory; its end is stored first. */
  private async forgetStored(held: HeldEntity): Promise<void> {
    if (!held.isAhead || (await this.context.flusher.storeLastState(held))) this.forget(held);
  }

  private async claimId(held: HeldEntity): Promise<void> {
    // It is read again, as one that isn't born yet and may have calls of the one before it.
    if (held.isAhead || held.live.hasEnded) return this.forgetStored(held);
    await this.context.flusher.confirmOwner();
    if (!this.isDiscarded && !(await this.context.loader.claimId(held))) this.forget(held);
  }
}

/** It is this version's, so no other one can have made it; or it was read behind a fence that was written since the call came. */
const isSureAbsent = ({ isLookedUp, isClaimed, isAhead, live, claiming }: HeldEntity): boolean =>
  isLookedUp || isClaimed || isAhead || live.isBorn || live.hasEnded || claiming !== undefined;

/** NATS is away for a moment: the call may be sent again. */
function refuseUnread(error: unknown): never {
  throw error instanceof NotRead ? new RpcError('NO_SERVER', { cause: error }) : error;
}
