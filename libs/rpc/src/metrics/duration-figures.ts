/** Upper bounds of the buckets, seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A histogram of durations as plain numbers. */
export class DurationFigures {
  readonly buckets = new Float64Array(durationBuckets.length + 1);
  /** Seconds. */
  sum = 0;

  recordDuration(ms: number): void {
    const seconds = ms / 1000;
    let bucket = 0;
    while (bucket < durationBuckets.length && seconds > durationBuckets[bucket]) {
      bucket++;
    }
    this.buckets[bucket]++;
    this.sum += seconds;
  }
}
