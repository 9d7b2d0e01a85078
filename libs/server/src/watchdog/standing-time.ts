/** The main thread, as the watchdog sees it at a time. */
export interface Sight {
  /** Another number whenever it went on. */
  progress: number;
  /** The CPU time that it has used, ms. */
  cpuMs: number;
  /** By `performance.now()`. */
  at: number;
}

/**
 * How long the main thread has been in one turn, ms of its own CPU time. One that loops uses CPU; one that is stopped, is suspended with the
 * machine, waits for a core or at a breakpoint uses none. Pure: the times are given.
 */
export class StandingTime {
  private last?: Sight;
  private stoodMs = 0;

  /** @returns 0 where it went on since the last look */
  look(sight: Sight): number {
    const { last } = this;
    this.last = sight;
    if (sight.progress !== last?.progress) this.stoodMs = 0;
    // Where the CPU time is that of all threads, no more than has passed.
    else this.stoodMs += Math.min(sight.cpuMs - last.cpuMs, sight.at - last.at);
    return this.stoodMs;
  }
}
