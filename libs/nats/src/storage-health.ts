import { Logger } from '@nestjs/common';
import { metrics } from './metrics.js';

/** The streams and buckets that this process needs and can't have now: readiness reads it, and an alarm should look at the gauge. */
export class StorageHealth {
  private readonly logger = new Logger('storage');
  private readonly faults = new Map<string, string>();
  private readonly doubters = new Set<() => void>();

  /** Names of what is missing, full or doesn't answer. */
  missing(): string[] {
    return [...this.faults.keys()];
  }

  /** It did not answer as it should. */
  fail(storage: string, reason: string): void {
    if (!this.faults.has(storage)) this.logger.error({ event: 'storage.unsound', storage, reason });
    this.faults.set(storage, reason);
    metrics.storageFaults.set({ storage }, 1);
  }

  /** It answers. */
  pass(storage: string): void {
    if (this.faults.delete(storage)) this.logger.log({ event: 'storage.sound', storage });
    metrics.storageFaults.set({ storage }, 0);
  }

  /** A read or write failed as it does where storage has a fault: those who keep streams look soon. */
  doubt(): void {
    for (const listener of this.doubters) listener();
  }

  /** Calls `look` at each {@link doubt}. Returns what ends that. */
  onDoubt(look: () => void): () => void {
    this.doubters.add(look);
    return () => this.doubters.delete(look);
  }

  /** Nobody here needs it any more. */
  forget(storage: string): void {
    this.faults.delete(storage);
    metrics.storageFaults.remove({ storage });
  }
}
