import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ExpectingMessage } from '@ccgame/jetstream';
import { NotTaken, WriteConflict } from './write-conflict.js';

/** Where a partition's fence and data are stored together, and read. */
export interface FenceStore {
  /**
   * Stores all or none.
   *
   * @returns the sequence of the first; the others follow it
   * @throws WriteConflict where a message's expectation doesn't hold; NotTaken where nothing is stored and the same may be tried
   * again; any other error: it may be stored, or not
   */
  write(messages: readonly ExpectingMessage[]): Promise<number>;
  /** The message that makes this server the owner, over the fence that stands there. */
  fenceMessage(partition: string, expected: number): ExpectingMessage;
  /**
   * Where a store's fence is the newest of several subjects, and a message goes to one of these: that message as its own fence,
   * over what this owner wrote there last. So it needs no batch, which costs NATS more than twenty times as much. Undefined: it is none.
   */
  asFence?(message: ExpectingMessage, expected: number): ExpectingMessage | undefined;
  /** Further messages that are stored behind the fence when the partition is acquired, also where that is refused. */
  acquiringMessages?(partition: string): ExpectingMessage[];
  /**
   * Whether a batch was refused because of something that is not the partition's fence. A store whose messages others write
   * too has to say so; else the stream is read up to there.
   */
  isBesideFence?(partition: string, conflict: WriteConflict): Promise<boolean>;
  /** The sequence of a partition's newest fence, as far as the stream was read; 0: none. */
  fenceOf(partition: string): number;
  /** Resolves when the stream was read up to a sequence. False: not in time, as NATS is away. */
  reachedWithin(sequence: number, timeoutMs: number): Promise<boolean>;
}

/**
 * Why a partition isn't this server's: its fence could not be written; another server's fence stands there; a batch had no
 * answer, so it may be stored or not; the owner's own work failed.
 */
export type LossReason =
  'partition.not-acquired' | 'partition.fenced' | 'partition.uncertain' | 'partition.failed';

/** Told what becomes of a partition. Must not throw. */
export interface PartitionEvents {
  /** Its fence stands, and what was written before is still to be read. */
  onFenced?(): void;
  onOwned(): void;
  onLost(reason: LossReason): void;
}

/** Something else was written first where a message of the batch was to be. The partition is still this server's. */
export class CommitConflict extends Error {
  override readonly name = 'CommitConflict';
}

/** The partition is another server's by now, or nobody knows. Nothing of the batch counts, or its successor has read it. */
export class PartitionLost extends Error {
  override readonly name = 'PartitionLost';
}

const reachTimeoutMs = 5_000;
/** Pauses before a write is tried again that the store had no room for, and how long that goes on, ms: nats-server takes 50 batches of a stream at a time. */
const notTaken = { firstMs: 50, mostMs: 400, forMs: 5_000 };
const shortestPauseMs = 250;
/** A partition whose owner fails by itself is tried again ever more rarely; one that was owned for longer than this, as at first. */
const longestPauseMs = 30_000;

/**
 * One partition, as long as this server may own it. Its fence's sequence in the stream goes with every batch, so that the
 * storage itself refuses an owner who was replaced (decision 040). An `OwnershipRegistry` calls `acquire` and `release` as servers come and go.
 *
 * ```ts
 * const fenced = new FencedPartition('play.p3', store, {
 *   onOwned: () => startFrom(store.image), // all that was written before is read by now
 *   onLost: (reason) => forgetAll(reason),
 * });
 * await fenced.acquire();
 * if (fenced.state === 'owner') await fenced.commit([{ subject, payload, expected: seq }]);
 * ```
 */
export class FencedPartition {
  state: 'away' | 'acquiring' | 'owner' = 'away';
  /** Not again before this, by `performance.now()`: another server won, or NATS is away. */
  retryAt = 0;
  private readonly log = new Logger('ownership');
  private fence = 0;
  /** The sequence that the next write expects: that of the fence, or of a later message that was its own fence. */
  private newest = 0;
  /** How often the owner failed, one time after the other, without having owned it for {@link longestPauseMs}. */
  private failures = 0;
  /** By `performance.now()`. */
  private ownedSince = 0;
  /** Counts what became of the partition: an acquisition or a batch that finds another number was overtaken. */
  private changes = 0;
  private acquisition: Promise<void> = Promise.resolve();
  private committing: Promise<unknown> = Promise.resolve();
  private commitsUnderWay = 0;

  constructor(
    readonly name: string,
    private readonly store: FenceStore,
    private readonly events: PartitionEvents,
  ) {}

  /** Where the fence of this server stands in the stream: of its last batch, in front of the messages of that. */
  get fenceSequence(): number {
    return this.fence;
  }

  /**
   * Writes the fence, and is the owner when everything before it has been read, unless it is released before that.
   *
   * @returns when that is so, or has failed; also of an acquisition that is under way
   */
  acquire(): Promise<void> {
    if (this.state === 'away') this.acquisition = this.acquireNow();
    return this.acquisition;
  }

  /**
   * Stores messages in one batch that begins with the fence: all or none, and none when another server owns the partition.
   * One at a time.
   *
   * @returns the sequence before the first message; the messages follow it
   * @throws CommitConflict when a message's expectation does not hold; the partition stays this server's
   * @throws PartitionLost when it does not
   */
  commit(messages: readonly ExpectingMessage[]): Promise<number> {
    const committed = this.committing.then(() => this.commitNow(messages));
    this.commitsUnderWay += 1;
    this.committing = committed.catch(() => undefined).finally(() => (this.commitsUnderWay -= 1));
    return committed;
  }

  /** The stream shows a fence that is newer than this server's. */
  fencedAt(sequence: number): void {
    if (this.state === 'owner' && sequence > this.newest && this.commitsUnderWay === 0) {
      this.stepDown('partition.fenced');
    }
  }

  /** Tells that the owner's work failed in a way that it can't mend; that of many calls at once counts as one failure. */
  fail(error: unknown): void {
    if (this.state === 'owner') this.stepDown('partition.failed', error);
  }

  /** Not acquired again at once: its storage can't be read. */
  postpone(): void {
    this.retryAt = performance.now() + 4 * shortestPauseMs * (1 + Math.random());
  }

  /** Gives the partition up after the batch that is on its way. An acquisition that is under way makes this server no owner any more. */
  async release(): Promise<void> {
    this.changes += 1;
    this.state = 'away';
    await this.committing;
  }

  private async acquireNow(): Promise<void> {
    this.state = 'acquiring';
    const change = (this.changes += 1);
    const { store, name } = this;
    try {
      const sequence = await this.writeFence(store.fenceOf(name)).catch((error: unknown) => {
        if (!(error instanceof WriteConflict) || error.standing === undefined) throw error;
        return this.writeFence(error.standing);
      });
      this.events.onFenced?.();
      if (!(await store.reachedWithin(sequence, reachTimeoutMs))) throw new Error('The stream is not read');
      if (store.fenceOf(name) !== sequence) throw new Error('Another server was next');
      if (change !== this.changes) return;
      this.fence = this.newest = sequence;
      this.state = 'owner';
      this.ownedSince = performance.now();
      this.log.log({ event: 'partition.owned', partition: name, fence: sequence });
      this.events.onOwned();
    } catch (error) {
      if (change === this.changes) this.stepDown('partition.not-acquired', error);
    }
  }

  /** Each message by itself, and all of them at once: a batch would have NATS make files, and wait for the disk four times (decision 436). */
  private async writeFence(over: number): Promise<number> {
    const { store, name } = this;
    const rest = store.acquiringMessages?.(name) ?? [];
    const write = (message: ExpectingMessage): Promise<number> => store.write([message]);
    const [sequence, ...behind] = await Promise.all([store.fenceMessage(name, over), ...rest].map(write));
    // Lost on its way, the fence came again behind them.
    await Promise.all(rest.filter((_, index) => behind[index] < sequence).map(write));
    return sequence;
  }

  private async commitNow(messages: readonly ExpectingMessage[]): Promise<number> {
    const { name, changes } = this;
    if (this.state !== 'owner') throw new PartitionLost(`${name} is not owned`);
    try {
      return await this.writeFenced(messages);
    } catch (error) {
      const isConflict = error instanceof WriteConflict;
      const isStillOwned = isConflict && (await this.isStillOwned(error));
      // Given up meanwhile, it may be this server's again, behind another fence.
      const isCurrent = changes === this.changes;
      if (isCurrent && isStillOwned)
        throw new CommitConflict(`A message of ${name} was written meanwhile`, { cause: error });
      // Stored or not: taking the fence anew, behind whatever was stored, tells.
      if (isCurrent) this.stepDown(isConflict ? 'partition.fenced' : 'partition.uncertain', error);
      throw new PartitionLost(`${name} was lost`, { cause: error });
    }
  }

  private async writeFenced(messages: readonly ExpectingMessage[]): Promise<number> {
    const { store, name, newest } = this;
    const alone = messages.length === 1 ? store.asFence?.(messages[0], newest) : undefined;
    if (alone) {
      this.newest = await this.writeUntilTaken([alone]);
      return this.newest - 1;
    }
    this.fence = await this.writeUntilTaken([store.fenceMessage(name, newest), ...messages]);
    const own = messages.findLastIndex((message) => store.asFence?.(message, 0) !== undefined);
    this.newest = this.fence + own + 1;
    return this.fence;
  }

  /** Behind the same fence, which refuses it where another server owns the partition by then. */
  private async writeUntilTaken(messages: readonly ExpectingMessage[]): Promise<number> {
    const since = performance.now();
    for (let pauseMs = notTaken.firstMs; ; pauseMs = Math.min(2 * pauseMs, notTaken.mostMs)) {
      try {
        return await this.store.write(messages);
      } catch (error) {
        const isLate = pauseMs > notTaken.firstMs && performance.now() - since > notTaken.forMs;
        if (!(error instanceof NotTaken) || isLate) throw error;
        // Not all partitions of a server at once.
        await sleep(pauseMs * (0.5 + Math.random()));
      }
    }
  }

  /** A message's subject was written, or the fence is another's: what the stream shows next says which. */
  private async isStillOwned(conflict: WriteConflict): Promise<boolean> {
    if (this.store.isBesideFence) return this.store.isBesideFence(this.name, conflict);
    const { standing = 0 } = conflict;
    const isRead = standing > 0 && (await this.store.reachedWithin(standing, reachTimeoutMs));
    return isRead && this.store.fenceOf(this.name) === this.newest;
  }

  private stepDown(reason: LossReason, error?: unknown): void {
    this.state = 'away';
    this.changes += 1;
    const now = performance.now();
    if (now - this.ownedSince > longestPauseMs) this.failures = 0;
    this.failures = reason === 'partition.failed' ? this.failures + 1 : 0;
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** this.failures);
    this.retryAt = now + pauseMs * (1 + Math.random());
    const why = error instanceof Error ? error.message : undefined;
    this.log.warn({ event: reason, partition: this.name, fence: this.fence, reason: why });
    this.events.onLost(reason);
  }
}
