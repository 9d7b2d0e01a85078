import { Logger } from '@nestjs/common';

/** When all is slow, a line for each request would make it slower still. */
const leastPauseMs = 100;

/** Tells of requests and calls that took longer than they should, ten times a second at most. */
export class SlowLog {
  private readonly logger = new Logger('slow');
  private toldAt = -Infinity;
  private untold = 0;

  /** @param fields `event` and what happened; the log adds who asked, and the trace */
  tell(fields: { event: string; ms: number; [field: string]: unknown }): void {
    const now = performance.now();
    if (now - this.toldAt < leastPauseMs) {
      this.untold += 1;
      return;
    }
    this.toldAt = now;
    const { untold } = this;
    this.untold = 0;
    this.logger.warn({ ...fields, ms: Math.round(fields.ms), ...(untold > 0 && { untold }) });
  }
}

/** The process's one. */
export const slowLog = new SlowLog();
