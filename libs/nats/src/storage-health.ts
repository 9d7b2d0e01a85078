import { Logger } from '@nestjs/common';
import { Gauge, register } from 'prom-client';

const name = 'ccgame_storage_faults';

/** The process's one gauge, by what does not answer; several apps in one test share it. */
const faultGauge =
  (register.getSingleMetric(name) as Gauge | undefined) ??
  new Gauge({
    name,
    help: '1 for each stream or bucket that this server needs and that is missing, full or does not answer',
    labelNames: ['storage'],
  });

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
    faultGauge.set({ storage }, 1);
  }

  /** It answers. */
  pass(storage: string): void {
    if (this.faults.delete(storage)) this.logger.log({ event: 'storage.sound', storage });
    faultGauge.set({ storage }, 0);
  }

  /** Nobody here needs it any more. */
  forget(storage: string): void {
    this.faults.delete(storage);
    faultGauge.remove({ storage });
  }
}
