import type { EntityMark } from '../contract/decorators.js';
import type { EntityOf } from '../live/entity-of.js';
import { LiveEntity } from '../live/live-entity.js';
import type { SendVolatile } from '../live/outbox.js';
import type { Checkpoint } from '../live/records.js';
import type { StoredCheckpoint } from '../storage/entity-store.js';

/** The class of an entity, and how an instance of it is made. */
export interface EntityKind {
  mark: EntityMark;
  construct(): Promise<EntityOf>;
}

/** An entity in memory, and what the stream has of it. */
export class HeldEntity {
  live: LiveEntity;
  /** The last input that its stored state holds. */
  storedN: number;
  /** Where its stored state stands; 0: nowhere. */
  storedSeq: number;
  /** For when the stream says that it is to be woken. */
  storedAlarmAt?: number;
  /** After an alarm that couldn't be stored, not again before this, by `performance.now()`. */
  ringsAgainAt = 0;
  /** Since when memory is ahead of the stored state, by `performance.now()`. */
  dirtySince?: number;
  usedAt = performance.now();
  readonly loadedAt = performance.now();
  /** Inputs that were applied and aren't stored. */
  unstored = 0;
  /** Resolves when the newest of its inputs is stored, of those that aren't refused; fails where the partition is lost. */
  lastStored: Promise<void> = Promise.resolve();
  /** It is on its way to another version: resolves when that has it, or it is here again. Its calls wait for that. */
  leaving?: Promise<void>;
  /** Only its stored state counts: nothing of it may be written as long as it leaves. */
  isFrozen = false;
  /** After a version didn't take it, not again before this, by `performance.now()`. */
  leavesAgainAt = 0;
  /** Its id is this version's to use, for as long as it lives. */
  isClaimed: boolean;
  /** Resolves when that has been tried. */
  claiming?: Promise<void>;
  /** Why a room doesn't go on. */
  stoppedWhy?: string;
  /** Its state is stored for the last time. */
  isStopStored: boolean;
  /** Calls that failed as code fails, one after the other. */
  failedCalls = 0;
  /** Ids of the outputs that are on their way. */
  readonly sending = new Set<string>();
  /** A checkpoint as JSON, of the last thing that was stored of it, in its state or in the log. */
  private committed?: string;

  constructor(
    readonly key: string,
    readonly id: string,
    readonly kind: EntityKind,
    private readonly instance: EntityOf,
    /** This server's version. */
    private readonly version: string,
    { checkpoint, seq }: StoredCheckpoint,
    private readonly sendVolatile: SendVolatile,
  ) {
    this.isClaimed = checkpoint?.version === version && !checkpoint.ended;
    this.stoppedWhy = checkpoint?.stopped;
    this.isStopStored = this.stoppedWhy !== undefined;
    this.storedN = checkpoint?.n ?? 0;
    this.storedSeq = seq;
    this.live = this.revive(checkpoint);
    this.storedAlarmAt = this.live.wakeAt;
    this.committed = checkpoint && JSON.stringify(checkpoint);
  }

  get isStopped(): boolean {
    return this.stoppedWhy !== undefined;
  }

  get isRoom(): boolean {
    return this.kind.mark.tickHz !== undefined;
  }

  /** Its stored state doesn't have all of it, or it is on its way. */
  get isAhead(): boolean {
    return this.dirtySince !== undefined || this.unstored > 0 || this.leaving !== undefined;
  }

  /** Its pushes and calls have arrived; of one that has ended, too. */
  get hasSentAll(): boolean {
    return this.live.outbox.isEmpty;
  }

  /** From now on its state at the last store counts. */
  goBack(): void {
    const { place, outbox, isTainted } = this.live;
    const unsent = new Set(outbox.outputs.map(({ id }) => id));
    this.live = this.revive(
      this.committed === undefined ? undefined : (JSON.parse(this.committed) as Checkpoint),
    );
    const revived = this.live.outbox;
    revived.outputs = revived.outputs.filter(({ id }) => unsent.has(id));
    this.live.place = place;
    // A volatile input may have its part in the state that it goes back to.
    this.live.isTainted = isTainted;
  }

  /** A checkpoint as JSON: what {@link goBack} goes back to. */
  get committedState(): string | undefined {
    return this.committed;
  }

  /** Sets the state that {@link goBack} goes back to. */
  commitAs(checkpoint: string): void {
    this.committed = checkpoint;
  }

  markDirty(): void {
    if (!this.isFrozen && !this.isStopStored) this.dirtySince ??= performance.now();
  }

  /** The state that is stored by now is the last that this version writes of it. */
  freeze(): void {
    this.isFrozen = true;
    this.dirtySince = undefined;
  }

  private revive(checkpoint: Checkpoint | undefined): LiveEntity {
    const { key, id, instance, sendVolatile, kind } = this;
    const live = LiveEntity.restore(key, id, kind.mark, instance, checkpoint, sendVolatile);
    live.place = { version: this.version, to: checkpoint?.to };
    return live;
  }
}
