/** Upper bounds of the duration buckets, seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The figures of one handler, as plain numbers: prom-client's own `inc` and `observe` hash their labels at each call,
 * which costs more than the rest of the engine's bookkeeping. `metrics.ts` shows them to prom-client at a scrape.
 */
export class HandlerStats {
  started = 0;
  ok = 0;
  /** Dropped before they began, as their caller had given up. */
  late = 0;
  inFlight = 0;
  queued = 0;
  readonly failed = new Map<string, number>();
  readonly buckets = new Float64Array(durationBuckets.length + 1);
  durationSum = 0;
  /** Moving average of what one call takes, ms: for the hint when to retry. */
  averageMs = 1;

  recordFailure(code: string): void {
    this.failed.set(code, (this.failed.get(code) ?? 0) + 1);
  }

  recordDuration(ms: number): void {
    const seconds = ms / 1000;
    let bucket = 0;
    while (bucket < durationBuckets.length && seconds > durationBuckets[bucket]) {
      bucket++;
    }
    this.buckets[bucket]++;
    this.durationSum += seconds;
    this.averageMs += (ms - this.averageMs) / 16;
  }
}
