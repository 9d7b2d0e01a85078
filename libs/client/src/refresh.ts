import type { NotRecovered, PushMessage, ResumeFrom } from '@ccgame/protocol';
import { backoffMs } from './backoff.js';
import { Nap } from './nap.js';

/** Where pushes may be missing. */
export interface Gap {
  /** `expired`: away longer than the servers keep pushes, or they lost them. The others: they don't know this session. */
  reason: NotRecovered;
}

/** Fetches the game's state anew. The pushes that come meanwhile wait until it has resolved. */
export type OnNotRecovered = (gap: Gap) => void | Promise<void>;

interface RefreshListener {
  give(push: PushMessage): void;
  /** The state could not be fetched; it is tried again. */
  failed(cause: unknown): void;
}

/** More are not held, but thrown away: the state is fetched once more in their place. */
const maxHeld = 1_000;
/** A hook that takes longer has failed. */
const timeoutMs = 30_000;

/** Holds the pushes after a gap until the game has fetched its state anew, so that none is applied to an old one. */
export class Refresh {
  /** The position of the game's state while that is older than the gap; none otherwise. */
  since?: Omit<ResumeFrom, 'moving'>;
  private held: PushMessage[] = [];
  /** To be repaired by the next run of the hook. */
  private gap?: Gap;
  private isStopped = false;
  private readonly nap = new Nap();

  constructor(
    private readonly hook: OnNotRecovered | undefined,
    private readonly listener: RefreshListener,
  ) {}

  /** @param since what the game has seen before the gap */
  beginRefresh(gap: Gap, since: Omit<ResumeFrom, 'moving'>): void {
    if (!this.hook) return;
    const isRunning = this.since !== undefined;
    this.since ??= since;
    this.loseRefresh(gap);
    if (!isRunning) void this.runRefresh(this.hook);
  }

  /** Gives a push to the game, now or later. Volatile ones are not kept. */
  acceptPush(push: PushMessage): void {
    if (!this.since) this.listener.give(push);
    else if (push.position !== undefined) this.held.push(push);
    if (this.held.length > maxHeld) this.loseRefresh({ reason: 'expired' });
  }

  stop(): void {
    this.isStopped = true;
    this.nap.wake();
  }

  /** Held pushes are older than the state that will be fetched for this gap. */
  private loseRefresh(gap: Gap): void {
    this.gap = gap;
    this.held = [];
  }

  private async runRefresh(hook: OnNotRecovered): Promise<void> {
    let failures = 0;
    while (this.gap) {
      const { gap } = this;
      this.gap = undefined;
      try {
        await this.inTime(Promise.resolve(gap).then(hook));
        failures = 0;
      } catch (error) {
        if (this.isStopped) return;
        this.listener.failed(error);
        this.gap ??= gap;
        await this.nap.takeNap(backoffMs(++failures));
      }
      if (this.isStopped) return;
    }
    for (const push of this.held) {
      // A listener may close the client.
      if (this.isStopped) return;
      this.listener.give(push);
    }
    this.held = [];
    this.since = undefined;
  }

  private async inTime(work: Promise<void>): Promise<void> {
    const late = this.nap.takeNap(timeoutMs).then(() => {
      throw new Error(`onNotRecovered has not ended within ${timeoutMs} ms`);
    });
    try {
      await Promise.race([work, late]);
    } finally {
      this.nap.wake();
    }
  }
}
