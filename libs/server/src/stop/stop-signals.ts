/**
 * The wishes to stop: of Kubernetes, of a person, and of a terminal that closes, whose players are moved as at the others.
 */
export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A later signal this long after the first is a person's second wish, ms: npm repeats one ^C within 80 ms. */
const repeatedWithinMs = 1_000;
/** One ^C under npm is two signals, so the third is another one, however quick. */
const repeats = 2;

/** Tells a signal that repeats the first one from a second wish to stop. */
export class StopSignals {
  private count = 0;
  private firstAt = 0;

  /** @param now ms, of a clock that only goes on */
  receive(now = performance.now()): 'stop' | 'repeated' | 'force' {
    this.count += 1;
    if (this.count === 1) {
      this.firstAt = now;
      return 'stop';
    }
    return this.count > repeats || now - this.firstAt > repeatedWithinMs ? 'force' : 'repeated';
  }
}
