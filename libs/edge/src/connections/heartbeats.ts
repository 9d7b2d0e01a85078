/** A connection whose client is asked by pings whether it is still there. */
export interface Pinged {
  readonly isOpen: boolean;
  sendPing(): void;
  /** Whether the client may be there, as far as it has answered; asked once after each ping. */
  checkAnswer(): boolean;
  endSilent(): void;
}

export interface HeartbeatTimes {
  /** From one ping to the next, as the client is told, ms. */
  pingEveryMs: number;
  /** For the answer, ms. */
  pingTimeoutMs: number;
}

const tickMs = 50;
/** Later than that, this process was held up, and answers may lie unread. */
const heldUpMs = 500;

interface Slot {
  pingAt: number;
  /** When the answers to the last ping have to be there; Infinity: they were looked at. */
  answersAt: number;
  connections: Pinged[];
}

/**
 * Pings all connections of this process by one timer. Two timers for each connection are two objects that live on, and wake the event
 * loop for every single ping; here those of a slot leave together, and most of their answers are read together.
 *
 * A client that was lost is found within both times together (decision 176): the wheel turns two slots sooner than clients are told.
 */
export class Heartbeats {
  private readonly slots: Slot[];
  private readonly timer: NodeJS.Timeout;
  private readonly everyMs: number;
  private next = 0;
  private tickedAt: number;

  constructor(
    private readonly times: HeartbeatTimes,
    now = performance.now(),
  ) {
    const count = Math.max(1, Math.floor(times.pingEveryMs / tickMs) - 2);
    this.everyMs = count * tickMs;
    this.slots = Array.from({ length: count }, (_, index) => ({
      pingAt: now + (index + 1) * tickMs,
      answersAt: Infinity,
      connections: [],
    }));
    this.tickedAt = now;
    this.timer = setInterval(() => this.tick(), tickMs).unref();
  }

  /** Until it is not open any more. */
  addConnection(connection: Pinged): void {
    this.slots[this.next]?.connections.push(connection);
    this.next = (this.next + 1) % this.slots.length;
  }

  tick(now = performance.now()): void {
    const isHeldUp = now - this.tickedAt - tickMs > heldUpMs;
    this.tickedAt = now;
    for (const slot of this.slots) {
      // A pause of this process must not cut everybody off: whoever owes an answer has the whole time again.
      if (isHeldUp && slot.answersAt !== Infinity) slot.answersAt = now + this.times.pingTimeoutMs;
      if (slot.answersAt <= now) this.checkAnswers(slot);
      if (slot.pingAt <= now) this.pingSlot(slot, now);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private pingSlot(slot: Slot, now: number): void {
    // Each slot keeps its place among the others, after a pause too.
    while (slot.pingAt <= now) slot.pingAt += this.everyMs;
    slot.connections = slot.connections.filter(({ isOpen }) => isOpen);
    if (slot.connections.length === 0) return;
    slot.answersAt = now + this.times.pingTimeoutMs;
    for (const connection of slot.connections) connection.sendPing();
  }

  private checkAnswers(slot: Slot): void {
    slot.answersAt = Infinity;
    for (const connection of slot.connections) {
      if (connection.isOpen && !connection.checkAnswer()) connection.endSilent();
    }
  }
}
