/**
 * The time of an entity without ticks, from which its alarms are counted. It goes on from where it was where the clock of NATS is set back:
 * else it would stand still, and each alarm would be late by as much (decision 423).
 */
export class EntityTime {
  private reachedAt = performance.now();

  /** @param reached epoch ms */
  constructor(private reached: number) {}

  /** It is as late as that now, at least. @param time epoch ms */
  reachTime(time: number): void {
    const now = performance.now();
    this.reached = Math.max(time, this.reached + now - this.reachedAt);
    this.reachedAt = now;
  }

  /** A new life has the time of NATS; one that was played again, that of its last input. @param time epoch ms */
  beginAnew(time: number): void {
    this.reached = time;
    this.reachedAt = performance.now();
  }

  /** Epoch ms. @param now by the clock of NATS */
  timeAt(now: number): number {
    return Math.max(now, Math.floor(this.reached + performance.now() - this.reachedAt));
  }
}
