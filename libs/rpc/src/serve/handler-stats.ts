import { codeLabel } from '../metrics/code-label.js';
import { DurationFigures } from '../metrics/duration-figures.js';

/** The figures of one handler, as plain numbers: see `metrics/plain-metrics.ts`. */
export class HandlerStats {
  started = 0;
  ok = 0;
  /** Dropped before they began, as their caller had given up. */
  late = 0;
  inFlight = 0;
  queued = 0;
  readonly failed = new Map<string, number>();
  readonly durations = new DurationFigures();
  /** Moving average of what one call takes, ms: for the hint when to retry. */
  averageMs = 1;

  recordFailure(code: string): void {
    const label = codeLabel(code);
    this.failed.set(label, (this.failed.get(label) ?? 0) + 1);
  }

  recordDuration(ms: number): void {
    this.durations.recordDuration(ms);
    this.averageMs += (ms - this.averageMs) / 16;
  }
}
