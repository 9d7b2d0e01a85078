import type { EntityMark } from '../contract/decorators.js';
import type { EntityOf } from '../live/entity-of.js';
import { LiveEntity } from '../live/live-entity.js';
import type { SendVolatile } from '../live/outbox.js';
import type { Checkpoint, StoredInput } from '../live/records.js';
import type { StoredCheckpoint } from '../storage/entity-store.js';
import { EntityTime } from './entity-time.js';

/** The class of an entity, and how an instance of it is made. */
export interface EntityKind {
  mark: EntityMark;
  construct(): Promise<EntityOf>;
}

/** A claim on an id is stored for so long, s: longer than an outage, as what the log has of a newborn counts over it alone. */
const claimForSeconds = 7 * 86_400;
/** Its owner rests on it for so long, ms. */
const claimHoldsMs = 60_000;

/**
 * Bytes of pushes that wait to be sent: more of them come only when some are. They are a part of the state as it is stored, and a room that
 * goes on without end while the push log takes nothing would be stopped by their size.
 */
const mostPushBytes = 256 * 1024;

/** Characters of inputs that are played again where an entity goes back; with more, a checkpoint is made. */
const mostSince = 64 * 1024;

/** An entity in memory, and what the stream has of it. */
export class HeldEntity {
  live: LiveEntity;
  readonly time: EntityTime;
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
  /** Its state is on its way to the storage, which has an older one until then. */
  isStoring = false;
  /** Resolves when the newest of its inputs is stored, of those that aren't refused; fails where the partition is lost. */
  lastStored: Promise<void> = Promise.resolve();
  /** It is on its way to another version: resolves when that has it, or it is here again. Its calls wait for that. */
  leaving?: Promise<void>;
  /** It came into memory as one that an owner before had. */
  isTakenOver = false;
  /** Only its stored state counts: nothing of it may be written as long as it leaves. */
  isFrozen = false;
  /** After a version didn't take it, not again before this, by `performance.now()`. */
  leavesAgainAt = 0;
  /** Its id was made this version's to use until then, by `performance.now()`; undefined: it wasn't, or its state is stored by now. */
  claimedUntil?: number;
  /** It is not born, and was in no version when it was loaded, as its storage knew behind a new fence. */
  isLookedUp = false;
  /** Resolves when that has been tried. */
  claiming?: Promise<void>;
  /** Nothing of it runs before this, by `performance.now()`, as servers hung in it: its state is kept as ever. */
  pausedUntil = 0;
  /** Why a room doesn't go on. */
  stoppedWhy?: string;
  /** Its state is stored for the last time. */
  isStopStored: boolean;
  /** And it has nothing that a successor is to send. */
  isStopSent = false;
  /** When a room's next tick was due as it was stopped here, by `performance.now()`. */
  ticksAgainAt = -Infinity;
  /** Calls that failed as code fails, one after the other. */
  failedCalls = 0;
  /** Ids of the outputs that are on their way. */
  readonly sending = new Set<string>();
  /** A checkpoint as JSON: with the inputs since, the last thing that was stored of it, in its state or in the log. */
  private committed?: string;
  /** The inputs that were stored since, as JSON. */
  private since: string[] = [];
  private sinceLength = 0;
  private isGoingBack = false;
  /** Bytes of all but members, seats and unsent pushes, as it was measured last. */
  private bytesBeside = 0;

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
    this.stoppedWhy = checkpoint?.stopped;
    this.isStopStored = this.stoppedWhy !== undefined;
    this.storedN = checkpoint?.n ?? 0;
    this.storedSeq = seq;
    this.live = this.revive(checkpoint);
    this.time = new EntityTime(this.live.time);
    this.storedAlarmAt = this.live.wakeAt;
    this.committed = checkpoint && JSON.stringify(checkpoint);
    if (this.committed !== undefined) this.noteSize(this.committed);
    // A claim of the owner before holds nothing here, and runs out, so what is born over it is stored soon.
    if (checkpoint?.birth === '' && !checkpoint.ended) this.claimedUntil = performance.now();
  }

  /** Another version can't use its id. */
  get isClaimed(): boolean {
    return this.claimedUntil !== undefined && performance.now() < this.claimedUntil;
  }

  /** After so long a change is stored, ms: one that was just born soon, as what holds its place runs out. */
  get dueAfterMs(): number {
    const { checkpointMs } = this.kind.mark;
    return this.claimedUntil === undefined ? checkpointMs : Math.min(checkpointMs, claimHoldsMs / 2);
  }

  get isStopped(): boolean {
    return this.stoppedWhy !== undefined;
  }

  get isPaused(): boolean {
    return performance.now() < this.pausedUntil;
  }

  get isRoom(): boolean {
    return this.kind.mark.tickHz !== undefined;
  }

  /** When an input that comes now does so, epoch ms. A room's time is by its ticks, whatever its inputs say. @param now by the clock of NATS */
  timeAt(now: number): number {
    return this.isRoom ? now : this.time.timeAt(now);
  }

  /** Nothing is applied that could push more: so much waits to be sent. */
  get isHeldBack(): boolean {
    return this.live.outbox.pushBytes > mostPushBytes;
  }

  /** Bytes that it is expected to have as it is stored, when all members were away once; without unsent pushes. */
  get expectedBytes(): number {
    return this.bytesBeside + this.live.members.bytesAt(this.live.time);
  }

  /** @param checkpoint of the entity as it is now */
  noteSize(checkpoint: string): void {
    const { members, outbox } = this.live;
    this.bytesBeside = Buffer.byteLength(checkpoint) - members.countBytes() - outbox.pushBytes;
  }

  /** Its stored state doesn't have all of it, or it is on its way. */
  get isAhead(): boolean {
    const { dirtySince, isStoring, unstored, leaving } = this;
    return dirtySince !== undefined || isStoring || unstored > 0 || leaving !== undefined;
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
    this.isGoingBack = true;
    for (const json of this.since) this.live.apply(JSON.parse(json) as StoredInput);
    this.isGoingBack = false;
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
    this.since = [];
    this.sinceLength = 0;
  }

  /** So much was stored since, that a checkpoint is due. */
  get isLongSince(): boolean {
    return this.sinceLength > mostSince;
  }

  /** An input was stored that is not in what {@link commitAs} was given last. @param json of it */
  commitInput(json: string): void {
    this.since.push(json);
    this.sinceLength += json.length;
  }

  /**
   * The record that makes the id this version's, before anything is born under it. It runs out, but not with what others are to get; and
   * no input of a former life comes after it, should the log have some still.
   */
  claimAt(now: number): { payload: string; ttlSeconds?: number } {
    const asRead = JSON.parse(this.live.snapshot().checkpoint) as Checkpoint;
    const claim = { ...asRead, n: Math.max(asRead.n, now), ended: undefined, version: this.version };
    return { payload: JSON.stringify(claim), ...(this.hasSentAll && { ttlSeconds: claimForSeconds }) };
  }

  noteClaim(payload: string, seq: number): void {
    const { n } = JSON.parse(payload) as Checkpoint;
    this.live.n = this.storedN = n;
    this.storedSeq = seq;
    this.commitAs(payload);
    this.claimedUntil = performance.now() + claimHoldsMs;
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
    const { key, id, instance, kind } = this;
    const sendVolatile: SendVolatile = (...push) =>
      this.isGoingBack ? undefined : this.sendVolatile(...push);
    const live = LiveEntity.restore(key, id, kind.mark, instance, checkpoint, sendVolatile);
    live.place = { version: this.version, to: checkpoint?.to };
    return live;
  }
}
