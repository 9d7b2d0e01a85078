import { Injectable } from '@nestjs/common';

/**
 * Moves work away before the server stops: players to another connector, partitions to another matching server.
 *
 * @param deadline ms by `performance.now()`, by which it should be done: a clock that is set must cut nobody off
 */
export type DrainStep = (deadline: number) => Promise<void>;

/** Runs the steps of a planned stop while the server can still talk to everybody, after it has stopped being ready. */
@Injectable()
export class Drain {
  private readonly steps = new Map<string, DrainStep>();

  addStep(name: string, step: DrainStep): void {
    this.steps.set(name, step);
  }

  /** Runs all steps at once; one that fails doesn't keep the others from finishing. */
  async runSteps(deadline: number, onFailure: (name: string, reason: unknown) => void): Promise<void> {
    const running = [...this.steps].map(async ([name, step]) => {
      try {
        await step(deadline);
      } catch (reason) {
        onFailure(name, reason);
      }
    });
    await Promise.all(running);
  }
}
