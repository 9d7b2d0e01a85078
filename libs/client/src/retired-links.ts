import type { Link } from './link.js';
import type { PendingRequests } from './pending-requests.js';

/** A socket that was left is closed after this time even if an answer is still missing, ms. */
const retireMs = 10_000;

/** The sockets that a session was moved from: each stays open until its last answer has come. */
export class RetiredLinks {
  private readonly timers = new Map<Link, ReturnType<typeof setTimeout>>();

  /** @param onLeft one may have been closed, also with answers missing: what was held behind those goes on */
  constructor(
    private readonly requests: PendingRequests,
    private readonly onLeft: () => void,
  ) {}

  retireLink(link: Link): void {
    const end = () => {
      this.leaveLink(link);
      this.requests.linkLost(link);
      this.onLeft();
    };
    this.timers.set(link, setTimeout(end, retireMs));
    if (this.requests.isIdle(link)) this.leaveLink(link);
  }

  /** A socket is over by itself: nothing is left to close, where it was a retired one. */
  forgetLink(link: Link): void {
    clearTimeout(this.timers.get(link));
    this.timers.delete(link);
  }

  /** Closes those that wait for no answer any more. */
  leaveIdle(): void {
    if (this.timers.size === 0) return;
    for (const link of this.timers.keys()) if (this.requests.isIdle(link)) this.leaveLink(link);
    this.onLeft();
  }

  leaveAll(): void {
    for (const link of this.timers.keys()) this.leaveLink(link);
  }

  private leaveLink(link: Link): void {
    this.forgetLink(link);
    link.close();
  }
}
