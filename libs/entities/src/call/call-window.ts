/** One counter for the whole process, so that no two calls of it have the same number. */
let counter = 0;

/** The calls of this process to one entity that wait for their answers: so many at once, and the others in their order. */
export class CallWindow {
  private readonly open = new Set<number>();
  private readonly waiting: (() => void)[] = [];

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

  /** @returns the call's number */
  async begin(): Promise<number> {
    if (this.open.size >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const number = (counter += 1);
    this.open.add(number);
    return number;
  }

  end(number: number): void {
    this.open.delete(number);
    this.waiting.shift()?.();
    if (this.open.size === 0 && this.waiting.length === 0) this.onIdle();
  }
}
