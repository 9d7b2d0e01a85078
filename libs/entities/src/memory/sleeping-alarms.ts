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
  /** Brings an entity into memory, where its alarm rings. @param at its time by then, epoch ms @throws where it isn't to be had */
  wake: (key: string, at: number) => Promise<void>;
}

/** Woken at the same time, of a partition. */
const mostAtOnce = 32;
/** One that couldn't be woken is tried again after so long, ms: another version may have it, and give it up. */
const againMs = 30_000;
const readAgainMs = 5_000;
/** A version that was just retired may still have stored some. */
const afterTableMs = 60_000;

interface Sleeper {
  /** Epoch ms on the clock of NATS. */
  at: number;
  /** The same by `performance.now()`, as the clock of NATS may be set back meanwhile; of one that couldn't be woken, when it is tried again. */
  dueAt: number;
  isTried: boolean;
}

/** When the entities of a partition that are not in memory are to be woken, as the stream says. */
export class SleepingAlarms {
  private readonly log = new Logger('entities');
  private readonly sleepers = new Map<string, Sleeper>();
  /** When one of them is due at the earliest, by either clock. */
  private next = { at: Infinity, dueAt: Infinity };
  private waking = 0;
  private knownTable?: unknown;
  /** When they are read next, by `performance.now()`. */
  private readAt = 0;
  private isReading = false;

  constructor(private readonly context: SleepingAlarmsContext) {}

  /**
   * @param at undefined: it has none
   * @param now the time of the entity, epoch ms
   */
  noteAlarm(key: string, at: number | undefined, now = this.context.now()): void {
    if (at === undefined) this.sleepers.delete(key);
    else this.noteSleeper(key, { at, dueAt: performance.now() + at - now, isTried: false });
  }

  wakeDue(): void {
    const now = this.context.now();
    const elapsed = performance.now();
    this.readWhenDue(elapsed);
    if (now < this.next.at && elapsed < this.next.dueAt) return;
    this.next = { at: Infinity, dueAt: Infinity };
    for (const [key, sleeper] of this.sleepers) {
      const isDue = elapsed >= sleeper.dueAt || (now >= sleeper.at && !sleeper.isTried);
      if (isDue && this.waking < mostAtOnce) void this.wake(key, sleeper);
      else this.noteNext(sleeper);
    }
  }

  private noteSleeper(key: string, sleeper: Sleeper): void {
    this.sleepers.set(key, sleeper);
    this.noteNext(sleeper);
  }

  private noteNext({ at, dueAt, isTried }: Sleeper): void {
    this.next.dueAt = Math.min(this.next.dueAt, dueAt);
    if (!isTried) this.next.at = Math.min(this.next.at, at);
  }

  private async wake(key: string, { at: known }: Sleeper): Promise<void> {
    this.waking += 1;
    this.noteSleeper(key, { at: known, dueAt: performance.now() + againMs, isTried: true });
    try {
      const { store, fenced } = this.context;
      const at = await store.readAlarm(key, fenced.fenceSequence);
      // Another version has rung it, or set another one.
      if (at === undefined || (at !== known && at > this.context.now())) return this.noteAlarm(key, at);
      await this.context.wake(key, at);
      this.sleepers.delete(key);
    } catch (error) {
      this.log.debug({ event: 'entity.not-woken', entity: key, err: error });
    } finally {
      this.waking -= 1;
    }
  }

  /** At first, and where a version may have been retired: what it had set is to be rung by others. */
  private readWhenDue(elapsed: number): void {
    const table = this.context.releaseTable();
    const isOther = table !== this.knownTable;
    if (this.isReading || (elapsed < this.readAt && !isOther)) return;
    this.isReading = true;
    this.context.store
      // One that was set since may be known here alone. Too early does no harm: it is read again before it rings.
      .readAlarms((key, at) => this.noteRead(key, at))
      .then(
        () => {
          this.readAt = isOther ? elapsed + afterTableMs : Infinity;
          this.knownTable = table;
        },
        (error: unknown) => {
          this.readAt = elapsed + readAgainMs;
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

  private noteRead(key: string, at: number): void {
    const known = this.sleepers.get(key);
    if (!known || known.isTried || at < known.at) this.noteAlarm(key, Math.min(at, known?.at ?? Infinity));
  }
}
