import { setTimeout as sleep } from 'node:timers/promises';
import type { Membership } from './membership.js';

/** How long is waited for next owners that say nothing: they died meanwhile, or are of a version that doesn't tell. */
export interface HandOverWaits {
  /** For one partition, ms. */
  oneMs: number;
  /** For all that are handed over in a row, ms: a server that stops has little time. */
  allMs: number;
}

const usualWaits: HandOverWaits = { oneMs: 1_000, allMs: 5_000 };

/**
 * Gives partitions up one after the other, each when the next owner has the one before. At once, all of them would be away for as long
 * as it takes to hand over all of them: the same work, felt by everybody (decision 307).
 */
export class HandOverTurns {
  private last: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Map<string, () => void>();
  private queued = 0;
  private waitLeftMs: number;
  private isClosed = false;
  private hurryNow = (): void => undefined;
  private readonly hurried = new Promise<void>((resolve) => (this.hurryNow = resolve));

  constructor(
    private readonly membership: Pick<Membership, 'members' | 'onAcquired'>,
    private readonly serverId: string,
    private readonly waits = usualWaits,
  ) {
    this.waitLeftMs = waits.allMs;
  }

  /** Lets it be known here when others have acquired a partition. */
  listen(): void {
    this.membership.onAcquired((name) => this.waiting.get(name)?.());
  }

  /** @param giveUp resolves when the partition is free, with whether it was given up here; must not reject @returns when it is free */
  takeTurn(name: string, giveUp: () => Promise<boolean>): Promise<void> {
    this.queued += 1;
    const given = Promise.race([this.last, this.hurried]).then(() => this.takeNow(name, giveUp));
    this.last = given
      .then((acquired) => this.untilAcquired(acquired))
      .catch(() => undefined)
      .then(() => this.endTurn(name));
    return given.then(() => undefined);
  }

  /** There is no time for turns any more: all that are left come at once. */
  hurry(): void {
    this.hurryNow();
  }

  /** Partitions whose turn has not come are not given up. */
  close(): void {
    this.isClosed = true;
  }

  /** @returns when another server has the partition; undefined where nothing was given up */
  private async takeNow(name: string, giveUp: () => Promise<boolean>): Promise<{ acquired?: Promise<void> }> {
    if (this.isClosed) return {};
    const acquired = new Promise<void>((resolve) => this.waiting.set(name, resolve));
    return (await giveUp()) ? { acquired } : {};
  }

  private async untilAcquired({ acquired }: { acquired?: Promise<void> }): Promise<void> {
    const waitMs = Math.min(this.waits.oneMs, this.waitLeftMs);
    const hasOthers = this.membership.members().some((id) => id !== this.serverId);
    if (!acquired || this.isClosed || waitMs <= 0 || !hasOthers) return;
    const since = performance.now();
    await Promise.race([acquired, this.hurried, sleep(waitMs, undefined, { ref: false })]);
    this.waitLeftMs -= performance.now() - since;
  }

  private endTurn(name: string): void {
    this.waiting.delete(name);
    this.queued -= 1;
    if (this.queued === 0) this.waitLeftMs = this.waits.allMs;
  }
}
