import { FencedPartition, type FenceHolder, type OwnablePartition } from '@ccgame/ownership';
import { codeOf, RpcError } from '@ccgame/rpc';
import type { PushService } from '@ccgame/sessions';
import { metrics } from '../metrics.js';
import type { Offered } from '../memory/entity-loader.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { RoomViews } from '../view/room-views.js';
import { OutputSender } from './output-sender.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import type { OwnedContext } from './owned-context.js';
import { OwnedEntities } from './owned-entities.js';
import type { KeptSample, PartitionStore } from '../storage/entity-store.js';

/** The things that all partitions of a server share. */
export interface PartitionContext extends Pick<
  OwnedContext,
  | 'version'
  | 'kinds'
  | 'now'
  | 'versions'
  | 'calls'
  | 'sessions'
  | 'bindings'
  | 'hangs'
  | 'isRetired'
  | 'heir'
  | 'releaseTable'
  | 'load'
  | 'moveSlots'
  | 'rounds'
  | 'recordings'
> {
  pushes: Pick<PushService, 'toPlayers' | 'topics'>;
  /** Has the partition's calls come here; resolves when NATS knows. */
  openDoor: () => Promise<void>;
  closeDoor: () => Promise<void>;
}

/** The codes of errors that say nothing of the entity. */
const notAnswers = new Set<string>(['MOVED', 'GONE', 'BUSY', 'NO_SERVER', 'TIMEOUT']);

/** One partition of a server type's entities, as this server may own it. */
export class EntityPartition implements OwnablePartition {
  readonly fenced: FencedPartition;
  private owned?: OwnedEntities;
  /** Resolves when the entities that were acquired last can be called, or when that failed. */
  private opening?: Promise<void>;
  private isClosed = false;
  /** Whether the owner before gave the partition up. */
  private isReleased = false;
  /** Read beside the rest after such an owner; another one may have hung, and leave a mark until it is ended. */
  private marksRead?: Promise<void>;

  constructor(
    name: string,
    private readonly store: PartitionStore,
    private readonly context: PartitionContext,
  ) {
    this.fenced = new FencedPartition(name, store, {
      onFenced: () => {
        this.marksRead = this.isReleased ? this.context.hangs.read() : undefined;
      },
      onOwned: () => this.begin(),
      onLost: (reason) => this.lose(reason),
    });
  }

  /** This server's. */
  get version(): string {
    return this.context.version;
  }

  async readHolder(): Promise<FenceHolder | undefined> {
    const holder = await this.store.readHolder();
    this.isReleased = holder?.isReleased === true;
    return holder;
  }

  /** @throws RpcError MOVED when it isn't this server's; see {@link OwnedEntities.receive} */
  async receive(request: EntityRequest): Promise<unknown> {
    const owned = this.ownedNow();
    try {
      return await owned.receive(request);
    } catch (error) {
      if (notAnswers.has(codeOf(error))) throw error;
      // A refusal is an answer, though nothing is stored for it: a server that was replaced unseen gives none.
      await owned.flusher.confirmOwner();
      throw this.owned === owned ? error : new RpcError('MOVED', { cause: error });
    }
  }

  /** Goes on with an entity of another version. @throws RpcError see {@link OwnedEntities.take} */
  async take(entity: string, offered: Offered): Promise<void> {
    await this.ownedNow().take(entity, offered);
  }

  /** @throws RpcError see {@link OwnedEntities.tryTaking} */
  tryTaking(entity: string, stateVersion: number): Promise<number> {
    return this.ownedNow().tryTaking(entity, stateVersion);
  }

  /** @throws RpcError see {@link OwnedEntities.tryMoving} */
  tryMoving(held: HeldEntity, to: string): Promise<void> {
    return this.ownedNow().tryMoving(held, to);
  }

  /** @throws RpcError MOVED when it isn't this server's; NotRead; see `PartitionStore.sampleKept` */
  async sampleKept(name: string, most: number): Promise<KeptSample> {
    return this.ownedNow().sampleKept(name, most);
  }

  /** @throws RpcError MOVED when it isn't this server's; NotRead; see {@link OwnedEntities.loadAsleep} */
  async loadAsleep(key: string): Promise<HeldEntity | undefined> {
    return this.ownedNow().loadAsleep(key);
  }

  /** The entities that are in memory here and exist: born, and not ended. */
  liveEntities(): HeldEntity[] {
    return this.owned ? [...this.owned.memory.all()].filter(({ live }) => live.isBorn) : [];
  }

  /** Asks the storage whether this server is the owner still, where it was. */
  confirmOwner(): void {
    this.owned?.confirmOwner();
  }

  async untilAnswering(): Promise<void> {
    await this.opening;
  }

  async handOver(): Promise<void> {
    const { owned } = this;
    if (!owned) return this.fenced.release();
    // Lost meanwhile, or NATS is away: the next owner plays the stored inputs again.
    const isLogStored = await owned.finish().catch(() => false);
    // From here on callers are told to ask the next owner.
    this.discardOwned();
    // NATS hears of the closed door first: no call comes here once another server can have the partition.
    const closed = this.context.closeDoor().catch(() => undefined);
    Object.assign(this.store, { isReleasing: true, isLogStored });
    await Promise.all([closed, this.fenced.commit([]).catch(() => undefined)]);
    Object.assign(this.store, { isReleasing: false, isLogStored: false });
    await this.fenced.release();
  }

  /** The process ends: what was not handed over is its next owner's. */
  close(): void {
    this.isClosed = true;
    this.discardOwned();
  }

  /** Those that a release waits for: live ones, and ended ones whose pushes or calls are still on their way. */
  busyEntities(): HeldEntity[] {
    return this.owned
      ? [...this.owned.memory.all()].filter((held) => held.live.isBorn || !held.hasSentAll)
      : [];
  }

  private begin(): void {
    if (this.isClosed) return;
    const { pushes, openDoor, now } = this.context;
    const { store, fenced } = this;
    const outputs = new OutputSender(pushes, now);
    const views = new RoomViews(pushes.topics);
    this.discardOwned();
    const onLost = (): void => this.discardOwned();
    const { marksRead } = this;
    const hangs: OwnedContext['hangs'] = {
      read: () => marksRead ?? this.context.hangs.read(),
      hangsOf: (...life) => this.context.hangs.hangsOf(...life),
    };
    const owned = new OwnedEntities({ ...this.context, store, fenced, outputs, views, onLost, hangs });
    this.owned = owned;
    const fail = (error: unknown): void => {
      if (this.owned === owned) fenced.fail(error);
    };
    this.opening = owned.ready.then(() => (this.owned === owned ? openDoor() : undefined)).catch(fail);
  }

  private lose(reason: string): void {
    metrics.lost.inc({ reason });
    this.discardOwned();
    void this.context.closeDoor().catch(() => undefined);
  }

  private ownedNow(): OwnedEntities {
    if (!this.owned) throw new RpcError('MOVED');
    return this.owned;
  }

  private discardOwned(): void {
    this.owned?.discard();
    this.owned = undefined;
  }
}
