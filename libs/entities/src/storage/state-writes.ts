import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExpectingMessage } from '@ccgame/jetstream';
import { CommitConflict, type FencedPartition } from '@ccgame/ownership';

/** States of one batch: that many take NATS some 30 ms, in which the partition's inputs wait. */
const mostStates = 300;
/** Bytes of one batch; a state that is larger goes alone. */
const mostBytes = 2 * 1024 * 1024;

interface StateWrite {
  state: ExpectingMessage;
  behind?: ExpectingMessage;
  tellStored: (seq: number) => void;
  tellFailed: (error: unknown) => void;
}

/**
 * Writes the states of entities that are taken over from another version, behind the fence of this one's partition. A state is written only
 * where the old one still stands as it was read. All that come while a batch is stored go into the next one, as NATS stores some hundred
 * batches a second, whatever their size.
 */
export class StateWrites {
  private waiting: StateWrite[] = [];
  private isWriting = false;
  /** The `behind` of writes that failed: another message may stand there by now, so no state is written behind them any more. */
  private readonly stale = new WeakSet<ExpectingMessage>();

  /** @param onStored is called for each batch with when it was begun, by `performance.now()`: until then this server was the owner */
  constructor(
    private readonly fenced: Pick<FencedPartition, 'commit'>,
    private readonly onStored: (begunAt: number) => void,
  ) {}

  /**
   * @param state its `expected` is the sequence of the state that it was made of
   * @param behind the released fence of the other version, which has to stand as it was read, and is written again. All states behind it
   * share this object, whose `expected` is counted on here.
   * @returns the sequence of the state
   * @throws CommitConflict where the state or `behind` was written by others meanwhile; PartitionLost
   */
  writeState(state: ExpectingMessage, behind?: ExpectingMessage): Promise<number> {
    const written = new Promise<number>((tellStored, tellFailed) => {
      this.waiting.push({ state, behind, tellStored, tellFailed });
    });
    if (!this.isWriting) void this.writeWaiting();
    return written;
  }

  private async writeWaiting(): Promise<void> {
    this.isWriting = true;
    await nextTurn();
    while (this.waiting.length > 0) await this.writeGroup(this.waiting.splice(0, this.countFitting()));
    this.isWriting = false;
  }

  /** One conflict refuses a whole batch, so its halves are tried until the state in conflict is alone in one. */
  private async writeGroup(all: StateWrite[]): Promise<void> {
    const group = this.refuseStale(all);
    const fences = [...new Set(group.flatMap(({ behind }) => behind ?? []))];
    if (group.length === 0) return;
    const begunAt = performance.now();
    try {
      const before = await this.fenced.commit([...fences, ...group.map(({ state }) => state)]);
      this.onStored(begunAt);
      fences.forEach((fence, index) => (fence.expected = before + 1 + index));
      group.forEach(({ tellStored }, index) => tellStored(before + 1 + fences.length + index));
    } catch (error) {
      if (error instanceof CommitConflict && group.length > 1) return this.writeHalves(group);
      for (const fence of fences) this.stale.add(fence);
      for (const { tellFailed } of group) tellFailed(error);
    }
  }

  private async writeHalves(group: StateWrite[]): Promise<void> {
    const half = Math.ceil(group.length / 2);
    await this.writeGroup(group.slice(0, half));
    await this.writeGroup(group.slice(half));
  }

  private refuseStale(group: StateWrite[]): StateWrite[] {
    return group.filter(({ behind, tellFailed }) => {
      const isStale = behind !== undefined && this.stale.has(behind);
      if (isStale) tellFailed(new CommitConflict('What it rests on was written meanwhile'));
      return !isStale;
    });
  }

  private countFitting(): number {
    let bytes = 0;
    const tooMany = this.waiting.findIndex(({ state }, index) => {
      bytes += Buffer.byteLength(state.payload);
      return index > 0 && (index >= mostStates || bytes > mostBytes);
    });
    return tooMany < 0 ? this.waiting.length : tooMany;
  }
}
