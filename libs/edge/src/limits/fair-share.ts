/** Messages of one player that are handled in one turn of the event loop. */
const messagesPerTurn = 16;

let turn = 0;
let isCounting = false;

/** The number of this turn of the event loop, as far as it has messages. */
function thisTurn(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(() => {
      turn += 1;
      isCounting = false;
    });
  }
  return turn;
}

interface Reader {
  stopReading(): void;
  readOn(): void;
}

/**
 * Keeps a burst of one player, or of many strangers, from holding up the others: work over the share waits for the next turns, in order,
 * and no more is read from that player meanwhile.
 */
export class FairShare {
  private readonly waiting: (() => void)[] = [];
  private turn = -1;
  private taken = 0;
  private isClosed = false;

  /**
   * @param reader left out where nothing need be kept back
   * @param perTurn pieces of work in one turn
   */
  constructor(
    private readonly reader?: Reader,
    private readonly perTurn = messagesPerTurn,
  ) {}

  /** @param handle does one piece of work, such as a message's */
  takeTurn(handle: () => void): void {
    if (this.isClosed) return;
    if (this.waiting.length === 0 && this.isWithin()) return handle();
    if (this.waiting.push(handle) > 1) return;
    this.reader?.stopReading();
    setImmediate(() => this.goOn());
  }

  /** Drops the work that waits. */
  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
  }

  private isWithin(): boolean {
    const now = thisTurn();
    if (now !== this.turn) {
      this.turn = now;
      this.taken = 0;
    }
    this.taken += 1;
    return this.taken <= this.perTurn;
  }

  private goOn(): void {
    for (const handle of this.waiting.splice(0, this.perTurn)) if (!this.isClosed) handle();
    if (this.waiting.length > 0) setImmediate(() => this.goOn());
    else if (!this.isClosed) this.reader?.readOn();
  }
}
