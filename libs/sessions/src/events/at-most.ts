/** Does so many things at once; the others wait in their order. One that takes too long goes on without its place, which is another's then. */
export class AtMost {
  private atWork = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param onLate called for each one that has taken `longestMs` */
  constructor(
    private readonly most: number,
    private readonly longestMs: number,
    private readonly onLate: () => void,
  ) {}

  /** @throws what `work` throws */
  async withTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.atWork >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.atWork += 1;
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.givePlace();
      this.onLate();
    }, this.longestMs).unref();
    try {
      return await work();
    } finally {
      clearTimeout(late);
      if (!isLate) this.givePlace();
    }
  }

  private givePlace(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.atWork -= 1;
  }
}
