/** Tickets and running matches whose match is being written, by the partition that writes it. */
export class Committing {
  private readonly partitionOf = new Map<string, string>();
  private readonly byPartition = new Map<string, Set<string>>();

  has(id: string): boolean {
    return this.partitionOf.has(id);
  }

  /** Whether a partition writes any: each one is asked several times a second. */
  hasOf(partition: string): boolean {
    return this.byPartition.has(partition);
  }

  idsOf(partition: string): string[] {
    return [...(this.byPartition.get(partition) ?? [])];
  }

  /** The names of those that write any. */
  partitions(): ReadonlySet<string> {
    return new Set(this.byPartition.keys());
  }

  add(id: string, partition: string): void {
    this.delete(id);
    this.partitionOf.set(id, partition);
    const ids = this.byPartition.get(partition) ?? new Set();
    this.byPartition.set(partition, ids.add(id));
  }

  delete(id: string): void {
    const partition = this.partitionOf.get(id);
    if (partition === undefined) return;
    this.partitionOf.delete(id);
    const ids = this.byPartition.get(partition);
    ids?.delete(id);
    if (ids?.size === 0) this.byPartition.delete(partition);
  }

  clear(): void {
    this.partitionOf.clear();
    this.byPartition.clear();
  }
}
