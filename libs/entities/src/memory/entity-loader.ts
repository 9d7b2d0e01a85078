import { Logger } from '@nestjs/common';
import { type FencedPartition, WriteConflict } from '@ccgame/ownership';
import { type ExpectingMessage, parseJson } from '@ccgame/jetstream';
import { codeOf, RpcError } from '@ccgame/rpc';
import { assertUpgrades, refuse, upgradeState } from '../live/change-state.js';
import type { HangMarks } from '../hangs/hang-marks.js';
import { runWatched, lifeOf } from '../hangs/run-watched.js';
import { LiveEntity } from '../live/live-entity.js';
import type { SendVolatile } from '../live/outbox.js';
import type { Checkpoint } from '../live/records.js';
import { type EntityKind, HeldEntity } from './held-entity.js';
import { FenceUnknown, type PartitionStore, type StoredCheckpoint } from '../storage/entity-store.js';
import { assertStorable } from '../storage/checkpoint-size.js';
import { assertCheckpoint, isCheckpoint } from '../storage/stored-json.js';
import type { StateWrites } from '../storage/state-writes.js';

/** The things that a partition's loader works with. */
export interface LoaderContext {
  /** This server's version. */
  version: string;
  kinds: ReadonlyMap<string, EntityKind>;
  store: PartitionStore;
  fenced: Pick<FencedPartition, 'fenceSequence' | 'fail'>;
  writes: StateWrites;
  /** Epoch ms on the clock of NATS. */
  now: () => number;
  /** Whether a version has no servers any more. */
  isRetired: (version: string) => boolean;
  hangs: Pick<HangMarks, 'hangsOf'>;
  sendVolatile: SendVolatile;
}

/** An entity as another version offered it. */
export interface Offered {
  /** Where its state stands in the stream. */
  seq: number;
  /** That state, as JSON; left out: it is read. */
  state?: string;
}

/** Brings entities into memory that are this version's, or are to be. */
export class EntityLoader {
  private readonly log = new Logger('entities');
  /** Retired versions of which somebody has to start a server once more; told once. */
  private readonly unreleased = new Set<string>();
  /** By retired version, the fence that its last owner released; undefined where it may have an owner still. */
  private readonly released = new Map<string, Promise<ExpectingMessage | undefined>>();

  constructor(private readonly context: LoaderContext) {}

  /** One that this version had already. @returns undefined where it hasn't, or there is none that can be read: the others go on */
  async loadOwn(key: string, known?: StoredCheckpoint): Promise<HeldEntity | undefined> {
    const kind = this.kindOf(key);
    if (!kind) return undefined;
    const stored = known ?? (await this.readStored(key, kind).catch(leaveUnreadable));
    // Each was claimed before it was born: one without a record has ended.
    if (!stored?.checkpoint || !this.mayHave(stored.checkpoint)) return undefined;
    return this.build(key, kind, stored);
  }

  /**
   * One that this version has, is given, or may have as nobody else does.
   *
   * @param offered where another version offers it
   * @returns undefined: no class here has that name
   * @throws RpcError MOVED with the version where it lives, ENTITY_REFUSED, STATE_UNREADABLE; NotRead
   */
  async loadEntity(key: string, offered?: Offered): Promise<HeldEntity | undefined> {
    const kind = this.kindOf(key);
    if (!kind) return undefined;
    const { version, isRetired } = this.context;
    const stored = this.toldState(offered) ?? (await this.readStored(key, kind, offered?.seq));
    const { checkpoint, seq } = stored;
    if (!checkpoint || this.mayHave(checkpoint)) return this.build(key, kind, stored);
    if (checkpoint.to === version) {
      return this.adopt(key, kind, { checkpoint, seq }).catch((error: unknown) => {
        // Its version goes on with it, once it hears of that.
        throw offered === undefined ? movedTo(checkpoint.version) : error;
      });
    }
    if (isRetired(checkpoint.version)) {
      const fence = await this.releasedFenceOf(checkpoint.version);
      if (fence) return this.adopt(key, kind, { checkpoint, seq }, fence);
    }
    throw movedTo(checkpoint.to ?? checkpoint.version);
  }

  /**
   * Makes an id this version's before anything is born under it. The claim counts only where the state stands as it was read, and it names
   * the version alone: so it needs no fence and no batch (decision 255).
   *
   * @returns false: another version was first, or it is known otherwise here
   */
  async claimId(held: HeldEntity): Promise<boolean> {
    const { now, store } = this.context;
    const subject = store.subjects.state(held.key, held.isRoom);
    const claim = held.claimAt(now());
    try {
      held.noteClaim(claim.payload, await store.write([{ ...claim, subject, expected: held.storedSeq }]));
      return true;
    } catch (error) {
      if (error instanceof WriteConflict) return false;
      throw new RpcError('MOVED', { cause: error });
    }
  }

  /**
   * Whether this version's code takes an entity as it is stored; one that isn't there stands for its class.
   *
   * @param stateVersion of the class that has it
   * @returns the state version of the class here
   * @throws RpcError ENTITY_REFUSED
   */
  async tryTaking(key: string, stateVersion: number): Promise<number> {
    const kind = this.kindOf(key);
    if (!kind) refuse(`there is no class for ${key.split('.')[0]}`);
    const { mark } = kind;
    if (stateVersion < mark.stateVersion) assertUpgrades(await kind.construct(), stateVersion);
    const { checkpoint } = await this.readStored(key, kind);
    const isOlder = checkpoint && !checkpoint.ended && checkpoint.stateVersion <= mark.stateVersion;
    if (isOlder && checkpoint.birth) await this.upgraded(key, kind, checkpoint);
    return mark.stateVersion;
  }

  private async adopt(
    key: string,
    kind: EntityKind,
    { checkpoint, seq }: Required<StoredCheckpoint>,
    behind?: ExpectingMessage,
  ): Promise<HeldEntity> {
    const { version, writes, store } = this.context;
    const { mark } = kind;
    const isBorn = checkpoint.birth !== '' && !checkpoint.ended;
    const state = isBorn ? await this.upgraded(key, kind, checkpoint) : checkpoint.state;
    const { to: _to, offer: _offer, ...rest } = checkpoint;
    const taken: Checkpoint = { ...rest, state, stateVersion: mark.stateVersion, version };
    const payload = JSON.stringify(taken);
    if (Buffer.byteLength(JSON.stringify(state)) > mark.maxStateBytes) refuse('its state is too large');
    assertStorable(payload);
    const subject = store.subjects.state(key, mark.tickHz !== undefined);
    try {
      const stored = await writes.writeState({ subject, payload, expected: seq }, behind);
      return await this.build(key, kind, { checkpoint: taken, seq: stored });
    } catch (error) {
      if (behind) this.released.delete(checkpoint.version);
      // The version that offered it took it back, or this server isn't the owner any more.
      throw new RpcError('MOVED', { cause: error });
    }
  }

  /** One that is to be adopted needs no read: it is taken only where it stands so. */
  private toldState(offered?: Offered): Required<StoredCheckpoint> | undefined {
    const { seq, state } = offered ?? {};
    if (seq === undefined || state === undefined) return undefined;
    const checkpoint = parseJson<Checkpoint>(state);
    if (!checkpoint || !isCheckpoint(checkpoint)) return undefined;
    if (checkpoint.to !== this.context.version || this.mayHave(checkpoint)) return undefined;
    return { checkpoint, seq };
  }

  /** It is this version's, or goes on nowhere. */
  private mayHave(checkpoint: Checkpoint): boolean {
    return checkpoint.version === this.context.version || hasLeft(checkpoint) || Boolean(checkpoint.stopped);
  }

  /** Read once, not by each entity that is called after a release. */
  private releasedFenceOf(version: string): Promise<ExpectingMessage | undefined> {
    let fence = this.released.get(version);
    if (!fence) {
      fence = this.context.store.readReleasedFence(version);
      this.released.set(version, fence);
      const forget = (): void => void this.released.delete(version);
      fence.then((found) => (found ? undefined : this.noteUnreleased(version)), forget);
    }
    return fence;
  }

  /** Its last owner was killed, or it was restored as it stood under one: inputs may be in its log alone, which its own code has to play. */
  private noteUnreleased(version: string): void {
    this.released.delete(version);
    if (this.unreleased.has(version)) return;
    this.unreleased.add(version);
    this.log.error({ event: 'entities.unreleased', version, partition: this.context.store.subjects.name });
  }

  /** @throws RpcError ENTITY_REFUSED */
  private async upgraded(key: string, kind: EntityKind, checkpoint: Checkpoint): Promise<object> {
    const from = checkpoint.offer ?? checkpoint;
    const instance = await kind.construct();
    // Its id, its time and its members are there as ever.
    const { mark } = kind;
    const stored = { ...checkpoint, ...from };
    const live = LiveEntity.restore(key, idIn(key), mark, instance, stored, () => undefined);
    if (this.context.hangs.hangsOf(key, lifeOf(live), 'upgrade').length > 0)
      refuse('a server hung in its upgrade');
    return runWatched(live, 'upgrade', () => upgradeState(instance, mark, from));
  }

  private async build(key: string, kind: EntityKind, stored: StoredCheckpoint): Promise<HeldEntity> {
    const { version, sendVolatile } = this.context;
    return new HeldEntity(key, idIn(key), kind, await kind.construct(), version, stored, sendVolatile);
  }

  private kindOf(key: string): EntityKind | undefined {
    return this.context.kinds.get(key.slice(0, key.indexOf('.')));
  }

  private async readStored(key: string, { mark }: EntityKind, atLeast?: number): Promise<StoredCheckpoint> {
    const { store, fenced } = this.context;
    const fence = fenced.fenceSequence;
    const isRoom = mark.tickHz !== undefined;
    try {
      const stored = await store.readState(key, isRoom, fence, atLeast);
      const { checkpoint, seq } = stored;
      if (checkpoint) assertCheckpoint(checkpoint, store.subjects.state(key, isRoom), seq);
      return stored;
    } catch (error) {
      if (!(error instanceof FenceUnknown)) throw error;
      // An owner that writes nothing would never learn of it: the partition is acquired anew, in what there is now. Others that waited
      // as long for the old fence say nothing of the new one.
      if (fenced.fenceSequence === fence) fenced.fail(error);
      throw new RpcError('MOVED', { cause: error });
    }
  }
}

/** It has ended, and nobody waits for a push or a call of it. */
const hasLeft = ({ ended, calls, outputs }: Checkpoint): boolean =>
  ended === true && calls === undefined && outputs.length === 0;

function leaveUnreadable(error: unknown): undefined {
  if (codeOf(error) !== 'STATE_UNREADABLE') throw error;
}

const idIn = (key: string): string => key.slice(key.indexOf('.') + 1);

const movedTo = (version: string): RpcError => new RpcError('MOVED', { details: { version } });
