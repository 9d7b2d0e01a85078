import { Logger } from '@nestjs/common';
import { metrics } from './metrics.js';

/** The streams and buckets that this process needs and can't have now: readiness reads it, and an alarm should look at the gauge. */
export class StorageHealth {
  private readonly logger = new Logger('storage');
  private readonly faults = new Map<string, string>();

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

  /** Nobody here needs it any more. */
  forget(storage: string): void {
    this.faults.delete(storage);
    metrics.storageFaults.remove({ storage });
  }
}
