/** Allows `perSecond` on average and `burst` at once: one at least, as a smaller bucket would never hold any. */
export class TokenBucket {
  private readonly burst: number;
  private tokens: number;
  private at: number;

  constructor(
    private readonly perSecond: number,
    burst: number,
    now = performance.now(),
  ) {
    this.burst = Math.max(1, burst);
    this.tokens = this.burst;
    this.at = now;
  }

  /** 0: taken. Otherwise how long to wait for the next, ms. */
  spend(now = performance.now()): number {
    this.refill(now);
    if (this.tokens < 1) return this.waitFor(1);
    this.tokens -= 1;
    return 0;
  }

  /** Takes in advance what there isn't yet. Returns after how long it will be there, ms. */
  spendAhead(amount: number, now = performance.now()): number {
    this.refill(now);
    this.tokens -= amount;
    return this.tokens >= 0 ? 0 : this.waitFor(0);
  }

  giveBack(amount: number): void {
    this.tokens = Math.min(this.burst, this.tokens + amount);
  }

  /** The share of `burst` that is there; below 0 where it was taken in advance. */
  level(now = performance.now()): number {
    this.refill(now);
    return this.tokens / this.burst;
  }

  private refill(now: number): void {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) * this.perSecond) / 1000);
    this.at = now;
  }

  private waitFor(tokens: number): number {
    return Math.ceil(((tokens - this.tokens) * 1000) / this.perSecond);
  }
}
