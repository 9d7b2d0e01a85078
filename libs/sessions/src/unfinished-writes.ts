import type { NatsHealth } from '@ccgame/nats';
import { rpcContext } from '@ccgame/rpc';

const repeatEveryMs = 5_000;
/** More than one server's players; the oldest are forgotten. */
const mostKept = 20_000;
const atOnce = 100;

/** Makes one try. False: NATS is away, or nobody knows. Must not throw. */
type Write = () => Promise<boolean>;

/** Keeps writes that NATS does not take, being away, and repeats them when it is back and every 5 s, for as long as they are worth it. */
export class UnfinishedWrites {
  /** By id, and since when by `performance.now()`. */
  private readonly kept = new Map<string, { write: Write; since: number }>();
  /** The first tries that are under way, by id. */
  private readonly newest = new Map<string, Write>();
  private readonly unwatch: () => void;
  private timer?: NodeJS.Timeout;
  private isRepeating = false;
  private isClosed = false;

  /** @param forMs how long a write is repeated */
  constructor(
    health: NatsHealth,
    private readonly forMs: number,
  ) {
    this.unwatch = health.onChange((connected) => connected && void this.repeatAll());
  }

  /** None is under way, and none was kept. */
  get areDone(): boolean {
    return this.newest.size === 0 && this.kept.size === 0;
  }

  /** Resolves when it was written, or is kept for later. @param id of what is written: a newer write takes the place of an older one */
  async finish(id: string, write: Write): Promise<void> {
    this.newest.set(id, write);
    const isDone = await write();
    // A newer one was begun meanwhile, and has ended perhaps.
    if (this.newest.get(id) !== write) return;
    this.newest.delete(id);
    if (isDone) this.kept.delete(id);
    else this.keep(id, write);
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    clearInterval(this.timer);
  }

  private keep(id: string, write: Write): void {
    if (this.isClosed) return;
    if (!this.kept.has(id) && this.kept.size >= mostKept) {
      for (const oldest of this.kept.keys()) {
        this.kept.delete(oldest);
        break;
      }
    }
    this.kept.set(id, { write, since: performance.now() });
    this.timer ??= rpcContext.runOutside(() =>
      setInterval(() => void this.repeatAll(), repeatEveryMs).unref(),
    );
  }

  private async repeatAll(): Promise<void> {
    if (this.isRepeating) return;
    this.isRepeating = true;
    const all = [...this.kept.keys()];
    for (let from = 0; from < all.length && !this.isClosed; from += atOnce) {
      const done = await Promise.all(all.slice(from, from + atOnce).map((id) => this.repeat(id)));
      // NATS is away, for the others too.
      if (!done.includes(true)) break;
    }
    this.isRepeating = false;
    if (this.kept.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async repeat(id: string): Promise<boolean> {
    const one = this.kept.get(id);
    if (!one) return true;
    const isOver = performance.now() - one.since > this.forMs || (await one.write());
    if (isOver && this.kept.get(id) === one) this.kept.delete(id);
    return isOver;
  }
}
