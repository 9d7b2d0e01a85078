import { closeSync, openSync, readSync } from 'node:fs';

interface Sample {
  /** On the clock of `performance.now()`. */
  at: number;
  /** ms */
  lost: number;
}

/** Questions are younger than this many samples together. */
const keptSamples = 128;
const buffer = Buffer.alloc(64);

/**
 * How long this process wanted to go on and could not, since a moment: its event loop was held up, or other processes had
 * the cores. A process that measures the others' silence has to take it off.
 */
export class LostTime {
  private samples: Sample[] = [];
  private waitedMs = waitedForCpuMs();

  /** @param tickMs between two ticks of the timer that calls {@link tick} */
  constructor(private readonly tickMs: number) {}

  /** The timer begins: what was before is not counted. */
  begin(now: number): void {
    this.waitedMs = waitedForCpuMs();
    this.samples.push({ at: now, lost: this.samples.at(-1)?.lost ?? 0 });
  }

  tick(now: number): void {
    const last = this.samples.at(-1);
    if (!last) return this.begin(now);
    const waited = waitedForCpuMs();
    // The wait for a core makes a tick late too: the larger of both has the other in it.
    const lost = Math.max(this.lateMs(now), waited - this.waitedMs);
    this.waitedMs = waited;
    this.samples.push({ at: now, lost: last.lost + lost });
    if (this.samples.length > keptSamples * 2) this.samples = this.samples.slice(-keptSamples);
  }

  /** From the last tick before that moment on, ms. */
  since(moment: number, now: number): number {
    const newest = this.samples.at(-1);
    if (!newest) return 0;
    const before = this.samples.findLast(({ at }) => at <= moment) ?? this.samples[0];
    return newest.lost - (before?.lost ?? 0) + this.lateMs(now);
  }

  /** By how much the next tick is late. */
  private lateMs(now: number): number {
    const last = this.samples.at(-1);
    return last ? Math.max(0, now - last.at - this.tickMs) : 0;
  }
}

/** Undefined: not opened yet. -1: there is none, as on macOS. */
let schedstat: number | undefined;

/**
 * How long this thread has waited for a core since it began, ms: the second field of
 * https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat. 0 where the system doesn't tell.
 */
function waitedForCpuMs(): number {
  schedstat ??= openSchedstat();
  if (schedstat < 0) return 0;
  try {
    const length = readSync(schedstat, buffer, 0, buffer.length, 0);
    const ns = Number(buffer.toString('latin1', 0, length).split(' ')[1]);
    return Number.isFinite(ns) ? ns / 1e6 : 0;
  } catch {
    closeSync(schedstat);
    schedstat = -1;
    return 0;
  }
}

function openSchedstat(): number {
  try {
    return openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return -1;
  }
}
