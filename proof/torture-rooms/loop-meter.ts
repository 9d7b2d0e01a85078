import { machineMs } from './clock.js';

const everyMs = 20;

/** Notes how late a thread's timers are: whatever a player sees there, it sees that late. */
export class LoopMeter {
  readonly delays: { at: number; ms: number }[] = [];
  private dueAt = machineMs() + everyMs;
  private readonly timer = setInterval(() => this.noteDelay(), everyMs);

  stop(): void {
    clearInterval(this.timer);
  }

  private noteDelay(): void {
    const at = machineMs();
    this.delays.push({ at, ms: Math.max(0, at - this.dueAt) });
    this.dueAt = at + everyMs;
  }
}
