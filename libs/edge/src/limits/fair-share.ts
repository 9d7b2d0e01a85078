/** Messages of one player that are handled in one turn of the event loop. */
const perTurn = 16;

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
 * Keeps a player's burst from holding up the others: messages over the share wait for the next turns, in order, and no more
 * of that player's are read meanwhile.
 */
export class FairShare {
  private readonly waiting: (() => void)[] = [];
  private turn = -1;
  private taken = 0;
  private isClosed = false;

  constructor(private readonly reader: Reader) {}

  /** @param handle does a message's work */
  takeTurn(handle: () => void): void {
    if (this.isClosed) return;
    if (this.waiting.length === 0 && this.isWithin()) return handle();
    if (this.waiting.push(handle) > 1) return;
    this.reader.stopReading();
    setImmediate(() => this.goOn());
  }

  /** Drops the messages that wait. */
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
    return this.taken <= perTurn;
  }

  private goOn(): void {
    for (const handle of this.waiting.splice(0, perTurn)) if (!this.isClosed) handle();
    if (this.waiting.length > 0) setImmediate(() => this.goOn());
    else if (!this.isClosed) this.reader.readOn();
  }
}
