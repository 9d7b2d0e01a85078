import { startTimer } from './timer.js';

/** Waits, one after another, each of which can be ended before its time. */
export class Nap {
  private end?: () => void;

  /** Resolves after so many ms, or when it is ended. */
  takeNap(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = startTimer(resolve, ms);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait that was taken last. */
  wake(): void {
    this.end?.();
  }
}
