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

/** Pings that leave together, and answers that are read together, cost less than those that come one by one. */
const tickMs = 100;
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
 * A client that was lost is found within both times together (decision 176): the wheel turns a slot sooner than clients are told, and each
 * turn of the timer is set for its own time, so that none is later than the one before.
 */
export class Heartbeats {
  private readonly slots: Slot[];
  private readonly everyMs: number;
  private timer: NodeJS.Timeout;
  private next = 0;
  private tickedAt: number;
  private tickAt: number;

  constructor(
    private readonly times: HeartbeatTimes,
    now = performance.now(),
  ) {
    const count = Math.max(1, Math.floor(times.pingEveryMs / tickMs) - 1);
    this.everyMs = count * tickMs;
    this.slots = Array.from({ length: count }, (_, index) => ({
      pingAt: now + (index + 1) * tickMs,
      answersAt: Infinity,
      connections: [],
    }));
    this.tickedAt = now;
    this.tickAt = now + tickMs;
    this.timer = this.planTick(now);
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
    clearTimeout(this.timer);
  }

  private planTick(now: number): NodeJS.Timeout {
    while (this.tickAt <= now) this.tickAt += tickMs;
    const onTime = (): void => {
      const at = performance.now();
      this.timer = this.planTick(at);
      this.tick(at);
    };
    // Node's timers may come a part of a millisecond early.
    return setTimeout(onTime, Math.ceil(this.tickAt - now) + 1).unref();
  }

  private pingSlot(slot: Slot, now: number): void {
    // The turn's own time: exactly a ping's timeout later there is another turn, in which the answers are looked at.
    const askedAt = now - ((now - slot.pingAt) % tickMs);
    // Each slot keeps its place among the others, after a pause too.
    while (slot.pingAt <= now) slot.pingAt += this.everyMs;
    const { connections } = slot;
    let open = 0;
    for (const connection of connections) {
      if (!connection.isOpen) continue;
      connections[open++] = connection;
      connection.sendPing();
    }
    connections.length = open;
    if (open > 0) slot.answersAt = askedAt + this.times.pingTimeoutMs;
  }

  private checkAnswers(slot: Slot): void {
    slot.answersAt = Infinity;
    for (const connection of slot.connections) {
      if (!connection.checkAnswer() && connection.isOpen) connection.endSilent();
    }
  }
}
