import type { FencedPartition } from '@ccgame/ownership';

/** Writes a new fence, one for all who ask before it is begun: a replica that has it has all that anybody stored before they asked. */
export class FenceRenewer {
  private running: Promise<unknown> = Promise.resolve();
  private waiting?: Promise<void>;

  constructor(private readonly fenced: Pick<FencedPartition, 'commit'>) {}

  /** @throws PartitionLost */
  renewFence(): Promise<void> {
    this.waiting ??= this.running.then(async () => {
      this.waiting = undefined;
      const written = this.fenced.commit([]);
      this.running = written.catch(() => undefined);
      await written;
    });
    return this.waiting;
  }
}
