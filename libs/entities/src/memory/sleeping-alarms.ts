import { Logger } from '@nestjs/common';
import type { FencedPartition } from '@ccgame/ownership';
import type { PartitionStore } from '../storage/entity-store.js';

/** The things by which sleeping alarms are found and rung. */
export interface SleepingAlarmsContext {
  store: Pick<PartitionStore, 'readAlarms' | 'readAlarm' | 'subjects'>;
  fenced: Pick<FencedPartition, 'fenceSequence'>;
  /** Epoch ms on the clock of NATS. */
  now: () => number;
  /** Another one whenever the release table changes. */
  releaseTable: () => unknown;
  /** Brings an entity into memory, where its alarm rings. @throws where it isn't to be had */
  wake: (key: string) => Promise<void>;
}

/** Woken at the same time, of a partition. */
const mostAtOnce = 32;
/** One that couldn't be woken is tried again after so long, ms: another version may have it, and give it up. */
const againMs = 30_000;
const readAgainMs = 5_000;
/** A version that was just retired may still have stored some. */
const afterTableMs = 60_000;

/** When the entities of a partition that are not in memory are to be woken, as the stream says. */
export class SleepingAlarms {
  private readonly log = new Logger('entities');
  private readonly dueAt = new Map<string, number>();
  private nextAt = Infinity;
  private waking = 0;
  private knownTable?: unknown;
  private readAt = 0;
  private isReading = false;

  constructor(private readonly context: SleepingAlarmsContext) {}

  /** @param at undefined: it has none */
  noteAlarm(key: string, at: number | undefined): void {
    if (at === undefined) return void this.dueAt.delete(key);
    this.dueAt.set(key, at);
    this.nextAt = Math.min(this.nextAt, at);
  }

  wakeDue(): void {
    const now = this.context.now();
    this.readWhenDue(now);
    if (now < this.nextAt) return;
    this.nextAt = Infinity;
    for (const [key, at] of this.dueAt) {
      if (at <= now && this.waking < mostAtOnce) void this.wake(key, now);
      this.nextAt = Math.min(this.nextAt, this.dueAt.get(key) ?? Infinity);
    }
  }

  private async wake(key: string, now: number): Promise<void> {
    this.waking += 1;
    this.noteAlarm(key, now + againMs);
    try {
      const { store, fenced } = this.context;
      const at = await store.readAlarm(key, fenced.fenceSequence);
      // Another version has rung it, or set another one.
      if (at === undefined || at > this.context.now()) return this.noteAlarm(key, at);
      await this.context.wake(key);
      this.dueAt.delete(key);
    } catch (error) {
      this.log.debug({ event: 'entity.not-woken', entity: key, err: error });
    } finally {
      this.waking -= 1;
    }
  }

  /** At first, and where a version may have been retired: what it had set is to be rung by others. */
  private readWhenDue(now: number): void {
    const table = this.context.releaseTable();
    const isOther = table !== this.knownTable;
    if (this.isReading || (now < this.readAt && !isOther)) return;
    this.isReading = true;
    this.context.store
      // One that was set since may be known here alone. Too early does no harm: it is read again before it rings.
      .readAlarms((key, at) => this.noteAlarm(key, Math.min(at, this.dueAt.get(key) ?? Infinity)))
      .then(
        () => {
          this.readAt = isOther ? now + afterTableMs : Infinity;
          this.knownTable = table;
        },
        (error: unknown) => {
          this.readAt = now + readAgainMs;
          this.knownTable = table;
          this.log.warn({
            event: 'entity.alarms-not-read',
            partition: this.context.store.subjects.name,
            err: error,
          });
        },
      )
      .finally(() => (this.isReading = false));
  }
}
