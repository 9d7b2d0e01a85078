import { Injectable } from '@nestjs/common';
import { metrics } from './metrics.js';

/** Kinds of work that take long where many tickets wait. */
export type Work = 'pass' | 'plan' | 'tell' | 'explain' | 'rebuild' | 'sweep';

/** The process's other work has its turn after this, ms. */
const sliceMs = 5;

/** A piece of work's share of one turn of the event loop. */
export class Slice {
  private readonly startedAt = performance.now();

  constructor(
    private readonly work: Work,
    private readonly ended: (work: Work, ms: number) => void,
  ) {}

  readonly mayGoOn = (): boolean => performance.now() < this.startedAt + sliceMs;

  /** Counts it. */
  end(): void {
    this.ended(this.work, performance.now() - this.startedAt);
  }
}

/**
 * Lets long work go on in slices, one slice in a turn of the event loop, whoever's it is: between two of them joins are read
 * and answered. `setImmediate` alone would let the slices of all partitions follow each other.
 */
@Injectable()
export class WorkScheduler {
  private readonly waiting: (() => void)[] = [];
  private readonly longest = new Map<Work, number>();

  /** Resolves when it is this work's turn; what follows without awaiting anything is the slice. */
  nextSlice(work: Work): Promise<Slice> {
    return new Promise((resolve) => {
      this.waiting.push(() => resolve(new Slice(work, this.recordSlice)));
      if (this.waiting.length === 1) setImmediate(this.startNext);
    });
  }

  /** Takes the steps of a work, as many in a slice as there is time for. */
  async runInSlices<T>(work: Work, steps: Iterator<unknown, T>): Promise<T> {
    for (;;) {
      const slice = await this.nextSlice(work);
      let step = steps.next();
      while (!step.done && slice.mayGoOn()) step = steps.next();
      slice.end();
      if (step.done) return step.value;
    }
  }

  private readonly recordSlice = (work: Work, ms: number): void => {
    metrics.sliceSeconds.observe({ work }, ms / 1000);
    if (ms <= (this.longest.get(work) ?? 0)) return;
    this.longest.set(work, ms);
    metrics.longestSlice.set({ work }, ms / 1000);
  };

  private readonly startNext = (): void => {
    this.waiting.shift()?.();
    // Asked for from here, an immediate is the next turn's.
    if (this.waiting.length > 0) setImmediate(this.startNext);
  };
}

/** A step for each. */
export function* steps<T>(items: Iterable<T>, act: (item: T) => void): Generator<void, void> {
  for (const item of items) {
    act(item);
    yield;
  }
}
