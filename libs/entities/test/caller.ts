import type { RpcError } from '@ccgame/rpc';
import { add, type CounterValue } from '../../../proof/entities/contracts.js';
import type { PlayCluster } from './play-cluster.js';

/** Between two calls, ms: without, a few callers take all of the processor while a test waits for a server. */
const restMs = 5;

/**
 * Calls one counter over and over, one call after the other, and keeps what it was answered. The n-th call adds n, so that
 * the value tells which calls it is made of.
 */
export class Caller {
  sent = 0;
  readonly answers: CounterValue[] = [];
  readonly errors: RpcError[] = [];
  /** The longest time between two answers, ms. */
  longestGapMs = 0;
  private isOver = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly cluster: PlayCluster,
    readonly counterId: string,
  ) {
    this.running = this.callOn();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  async untilAnswers(count: number): Promise<void> {
    const wanted = this.answers.length + count;
    while (this.answers.length < wanted) await new Promise((resolve) => setTimeout(resolve, restMs));
  }

  private async callOn(): Promise<void> {
    let last = performance.now();
    while (!this.isOver) {
      this.sent += 1;
      try {
        const { counterId, sent } = this;
        this.answers.push(await this.cluster.client.call(add, counterId, { counterId, by: sent }));
      } catch (error) {
        this.errors.push(error as RpcError);
      }
      this.longestGapMs = Math.max(this.longestGapMs, performance.now() - last);
      last = performance.now();
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }
}

/** By what the n-th call adds, the n-th answer is known, if each was applied once and in order. */
export function expectExactly(caller: Caller): void {
  const expected = caller.answers.map((_, index) => ({
    value: ((index + 1) * (index + 2)) / 2,
    inputs: index + 1,
  }));
  expect(caller.errors).toEqual([]);
  expect(caller.answers).toEqual(expected);
}
