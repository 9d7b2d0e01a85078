/** Waits that are remembered of each partition. */
const most = 200;
/** Older ones say nothing of now, ms. */
const freshMs = 10 * 60_000;
/** Fewer say nothing at all. */
const fewest = 5;

interface Wait {
  at: number;
  ms: number;
}

/** How long tickets have waited for their matches of late, by partition. Pure: the time is given. */
export class RecentWaits {
  private readonly waits = new Map<string, Wait[]>();

  addWait(partition: string, at: number, ms: number): void {
    const known = this.waits.get(partition) ?? [];
    this.waits.set(partition, known);
    known.push({ at, ms });
    if (known.length > most) known.shift();
  }

  /**
   * How much longer somebody who has waited so long will wait: the median of what those still waited who waited that long.
   * Undefined where too few did.
   */
  estimateWait(partition: string, waitedMs: number, now: number): number | undefined {
    const known = this.waits.get(partition) ?? [];
    const longer = known.filter(({ at, ms }) => now - at < freshMs && ms > waitedMs).map(({ ms }) => ms);
    if (longer.length < fewest) return undefined;
    longer.sort((a, b) => a - b);
    return (longer[longer.length >> 1] ?? 0) - waitedMs;
  }

  forgetAll(): void {
    this.waits.clear();
  }

  forgetPartition(partition: string): void {
    this.waits.delete(partition);
  }
}
