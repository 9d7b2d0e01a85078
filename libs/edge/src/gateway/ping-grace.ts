import type { Server } from 'socket.io';

const lookMs = 250;
/** Later than that, this process was held up, and pongs may lie unread. */
const heldUpMs = 500;

interface EngineConnections {
  clients: Record<string, { pingTimeoutTimer?: NodeJS.Timeout | null }>;
}

/**
 * Gives clients the time again that this process lost itself: after a pause their pongs have long come, but the timers that wait for
 * them are due before anything is read. Without it a pause of some seconds would cut off everybody.
 */
export class PingGrace {
  private readonly timer: NodeJS.Timeout;
  private lookedAt = performance.now();

  constructor(private readonly io: Server) {
    this.timer = setInterval(() => this.look(), lookMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const lateMs = performance.now() - this.lookedAt - lookMs;
    this.lookedAt = performance.now();
    if (lateMs < heldUpMs) return;
    const { clients } = this.io.engine as unknown as EngineConnections;
    for (const id in clients) clients[id]?.pingTimeoutTimer?.refresh();
  }
}
