import type { Waiting } from './call.js';

/** How late a deadline may be noticed, ms. */
const tickMs = 10;

/**
 * One interval for all deadlines, instead of a timer for each call: deadlines of the same 10 ms share a set.
 * Ticks are counted on the clock of `performance.now()`.
 */
export class DeadlineWheel {
  private readonly buckets = new Map<number, Set<Waiting>>();
  private interval?: NodeJS.Timeout;
  private lastTick = 0;
  private size = 0;

  add(waiting: Waiting): void {
    if (!this.interval) {
      this.lastTick = Math.floor(performance.now() / tickMs);
      this.interval = setInterval(() => this.turn(), tickMs);
    }
    const tick = Math.max(Math.ceil(waiting.deadline / tickMs), this.lastTick + 1);
    let bucket = this.buckets.get(tick);
    if (!bucket) {
      bucket = new Set();
      this.buckets.set(tick, bucket);
    }
    bucket.add(waiting);
    waiting.bucket = bucket;
    this.size++;
  }

  remove(waiting: Waiting): void {
    if (waiting.bucket?.delete(waiting)) {
      this.size--;
      waiting.bucket = undefined;
    }
  }

  stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
    this.buckets.clear();
    this.size = 0;
  }

  private turn(): void {
    const now = Math.floor(performance.now() / tickMs);
    for (let tick = this.lastTick + 1; tick <= now; tick++) {
      this.lastTick = tick;
      const bucket = this.buckets.get(tick);
      this.buckets.delete(tick);
      for (const waiting of bucket ?? []) {
        this.remove(waiting);
        waiting.expire();
      }
    }
    // Not stopped at the last removal: calls one after another would start and stop it each time.
    if (this.size === 0) {
      this.stop();
    }
  }
}
