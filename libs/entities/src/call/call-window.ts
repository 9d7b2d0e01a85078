import { longestTimerMs, RpcError } from '@ccgame/rpc';

/** One counter for the whole process, so that no two calls of it have the same number. */
let counter = 0;

/** The calls of this process to one entity that wait for their answers: so many at once, and the others in their order. */
export class CallWindow {
  private readonly open = new Set<number>();
  /** Given the numbers of their calls, in their order. */
  private readonly waiting = new Set<(number: number) => void>();

  /** @param onIdle called when nothing is open any more */
  constructor(
    private readonly most: number,
    private readonly onIdle: () => void,
  ) {}

  /** The caller has the answers to all calls up to this one. */
  get acked(): number {
    const [oldest = counter + 1] = this.open;
    return oldest - 1;
  }

  /**
   * @param withinMs how long the call may wait for its turn
   * @returns the call's number
   * @throws RpcError BUSY where its turn does not come: nothing of it was sent
   */
  async begin(withinMs: number): Promise<number> {
    if (this.open.size < this.most) return this.openNext();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.delete(startCall);
        reject(
          new RpcError('BUSY', { message: 'Earlier calls wait for their answers', retryAfterMs: 1_000 }),
        );
      };
      const timer = setTimeout(giveUp, Math.min(Math.max(0, withinMs), longestTimerMs));
      const startCall = (number: number): void => {
        clearTimeout(timer);
        resolve(number);
      };
      this.waiting.add(startCall);
    });
  }

  end(number: number): void {
    this.open.delete(number);
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      // At once: the window is not idle while a call has its turn, and is not begun yet.
      next(this.openNext());
    } else if (this.open.size === 0) this.onIdle();
  }

  private openNext(): number {
    counter += 1;
    this.open.add(counter);
    return counter;
  }
}
