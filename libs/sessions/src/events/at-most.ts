/** Does so many things at once; the others wait in their order. */
export class AtMost {
  private atWork = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** @throws what `work` throws */
  async withTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.atWork >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.atWork += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.atWork -= 1;
    }
  }
}
