import type { Job } from './job.js';

/** After so long a caller is told that the call is being worked on, ms; until then the answer is mostly there. */
const announceMs = 200;

/** Tells callers that their calls are being worked on, and knows which of those are not answered yet. */
export class WorkingCalls {
  /** Where their answers go. */
  private readonly replies = new Set<string>();
  private interval?: NodeJS.Timeout;

  /** @param jobs all that this server has */
  constructor(private readonly jobs: readonly Job[]) {}

  /** To be called at each new job. */
  watch(): void {
    this.interval ??= setInterval(() => this.announceCalls(), announceMs / 2);
  }

  stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  /** To be called once it is answered. */
  forgetCall(job: Job): void {
    if (job.announced) this.replies.delete(job.reply);
  }

  hasCall(reply: string): boolean {
    return this.replies.has(reply);
  }

  private announceCalls(): void {
    if (this.jobs.length === 0) {
      this.stop();
    }
    const before = performance.now() - announceMs;
    for (const job of this.jobs) {
      if (job.wantsWorking && !job.announced && job.arrivedAt <= before) {
        job.announced = true;
        this.replies.add(job.reply);
        job.sendWorking();
      }
    }
  }
}
