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

/** One piece of work, such as that of a message. It returns false where there was nothing to do any more. */
type Work = () => unknown;

interface Reader {
  stopReading(): void;
  readOn(): void;
}

/**
 * Keeps a burst of one player, or of many strangers, from holding up the others: work over the share waits for the next turns, in order,
 * and no more is read from that player meanwhile.
 */
export class FairShare {
  private readonly waiting: Work[] = [];
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

  /** @param handle does one piece of work; one that had nothing to do leaves its turn to the next */
  takeTurn(handle: Work): void {
    if (this.isClosed) return;
    if (this.waiting.length === 0 && this.isWithin()) return void handle();
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

  /** An error may end the process: until then those who wait behind it go on. */
  private goOn(): void {
    try {
      this.handleSome();
    } finally {
      if (this.waiting.length > 0) setImmediate(() => this.goOn());
      else if (!this.isClosed) this.reader?.readOn();
    }
  }

  private handleSome(): void {
    for (let left = this.perTurn; left > 0 && this.waiting.length > 0;) {
      if (this.waiting.shift()?.() !== false) left -= 1;
    }
  }
}
