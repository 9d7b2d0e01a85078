import type { NatsConnection } from '@nats-io/nats-core';
import type { ExpectingMessage } from '@ccgame/jetstream';
import type { NatsHealth } from '@ccgame/nats';
import type { FenceHolder, FenceStore } from '@ccgame/ownership';
import type { Checkpoint, LogRecord } from '../live/records.js';
import type { PartitionSubjects } from './partition-subjects.js';

/** An entity's checkpoint as the store has it. */
export interface StoredCheckpoint {
  /** Undefined: nothing stands there. */
  checkpoint?: Checkpoint;
  /** The sequence that the next write there has to expect. */
  seq: number;
}

/** A record of a partition's log, in its place of the ring. */
export interface StoredLogRecord {
  slot: number;
  seq: number;
  record: LogRecord;
}

/** A partition as its successor takes it over, at the moment when its fence was written. */
export interface PartitionImage {
  /** The states of the rooms of all versions, by key; one that can't be read is left out, and `readState` says so. */
  states: Map<string, Required<StoredCheckpoint>>;
  /** In the order in which it was written. */
  log: StoredLogRecord[];
}

/** An owner's mark, as entities have it. */
export interface EntityFence extends FenceHolder {
  /** All of the log before it is in the states, and nothing waits to be sent: a successor needs none of it. */
  isLogStored?: boolean;
}

/** The payload of the fence that a partition's owner writes next. */
export function fencePayload(
  { isReleasing, isLogStored }: Pick<PartitionStore, 'isReleasing' | 'isLogStored'>,
  identity: Omit<FenceHolder, 'isReleased'>,
): string {
  const holder: EntityFence = { ...identity, isReleased: isReleasing, ...(isLogStored && { isLogStored }) };
  return JSON.stringify(holder);
}

/** Stands for a record that a successor doesn't need: its place in the ring counts, and nothing that was in it. */
export const storedRecord: LogRecord = { inputs: [], after: {} };

/** Some of the entities of a name that may be out of memory. */
export interface KeptSample {
  found: { key: string; version: string }[];
  /** All that there are; a store that counts by reading stops at 10,000. */
  count: number;
}

/** The storage lost what was stored: it was made anew, or a standby took its place that lacks the newest. */
export class FenceUnknown extends Error {
  override readonly name = 'FenceUnknown';
  constructor() {
    super('The storage does not know the fence of its owner');
  }
}

/** The storage of one partition: each write is a batch that begins with its fence. */
export interface PartitionStore extends FenceStore {
  readonly subjects: PartitionSubjects;
  /** Filled while the partition is acquired. */
  readonly image: PartitionImage;
  /** The next batch is this server's last one. */
  isReleasing: boolean;
  /** With that: see {@link EntityFence}. */
  isLogStored: boolean;
  /** @throws where the store can't be asked */
  readHolder(): Promise<FenceHolder | undefined>;
  /**
   * The state of an entity that is not in memory.
   *
   * @param fence whatever answers has to know this one, or it may not have the newest state of this version either
   * @param atLeast so far another version is known to have come, if it did not go on since
   * @throws FenceUnknown where the storage answers, and does not come to know the fence
   * @throws RpcError STATE_UNREADABLE where what stands there is no JSON
   * @throws NotRead
   */
  readState(key: string, isRoom: boolean, fence: number, atLeast?: number): Promise<StoredCheckpoint>;
  /** When each entity is to be woken: told by a hint, as its state says whether it has an alarm. @throws FenceUnknown, NotRead */
  readAlarms(take: (key: string, at: number) => void): Promise<void>;
  /** @param fence see {@link readState} @returns undefined: it has none @throws FenceUnknown, NotRead */
  readAlarm(key: string, fence: number): Promise<number | undefined>;
  /** The entities of a name that may be out of memory, in all versions: so many of those that were written longest ago (of those that are counted), and how many there are. @throws NotRead */
  sampleKept(name: string, most: number): Promise<KeptSample>;
  /** It was restored, and takes memory. */
  forgetImage(): void;
  /** The fence of another version's servers, where the last one gave the partition up; undefined: it may have an owner. */
  readReleasedFence(version: string): Promise<ExpectingMessage | undefined>;
}

/**
 * Where the entities of a server type are stored. Each partition has one fence, and a batch is stored whole or not at all, and only
 * where each of its messages' expectations holds: so the store itself refuses an owner who was replaced.
 */
export interface EntityStore {
  /** A stream of NATS on whose clock the entities' times are. */
  readonly clockStream: string;
  /** Resolves when it can be written. @throws where only an operator can mend that */
  open(): Promise<void>;
  partition(subjects: PartitionSubjects, identity: Omit<FenceHolder, 'isReleased'>): PartitionStore;
  close(): Promise<void>;
}

/** The server that a store is opened for. */
export interface EntityStoreContext {
  nats: NatsConnection;
  health: NatsHealth;
  serverType: string;
}

/** Makes a server's store; it connects to nothing before `EntityStore.open`. */
export type EntityStoreFactory = (context: EntityStoreContext) => EntityStore;

/** A partition in which nothing was stored yet. */
export const emptyImage = (): PartitionImage => ({ states: new Map(), log: [] });
