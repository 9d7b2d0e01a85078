/** Numbers that look random and are the same for the same seed, so that two modes meet the same players. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  /** The time between two events that come at random, so many a unit of time. */
  exponential(rate: number): number {
    return -Math.log(1 - this.next()) / rate;
  }

  /** One of the names, each as often as its weight says. */
  pick(weights: ReadonlyArray<readonly [string, number]>): string {
    let at = this.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of weights) if ((at -= weight) < 0) return name;
    return weights[weights.length - 1][0];
  }
}
