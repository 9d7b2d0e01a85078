import type { ReadingBudget } from '../limits/reading-budget.js';

/**
 * The price of reading, in microseconds of a core as measured: a WebSocket frame with all that engine.io and socket.io do for
 * it (a pong 6, an acknowledgement 8), what a control frame is more, as a ping is answered by a write of its own, a chunk from the network,
 * and the bytes.
 */
const costs = { frame: 10, control: 15, chunk: 5, byte: 0.01 };
/** Enough for a handshake with a long token; before its token was found good, a connection gets no more. */
const beforeToken = 500;
/** The most that one connection may use in one turn of the event loop. */
const perTurn = 100;

/** `go`: read on. `turn`: in the next turn of the event loop. A number: after so many ms. `over`: never. */
export type ReadingPace = 'go' | 'turn' | 'over' | number;

/** The budget of one connection for all that it sends: control frames, fragments, acknowledgements and messages alike. */
export class ConnectionBudget {
  private early = beforeToken;
  private reading: ReadingBudget | undefined = undefined;
  private turnLeft = perTurn;

  /** Its token was found good. @param reading its player's: what comes from now on is paid of that */
  openSession(reading: ReadingBudget): void {
    this.reading = reading;
  }

  spendChunk(): void {
    this.spend(costs.chunk);
  }

  /** @param controls those of the frames that are the WebSocket's own */
  spendFrames(frames: number, bytes: number, controls = 0): void {
    this.spend(frames * costs.frame + controls * costs.control + bytes * costs.byte);
  }

  beginTurn(): void {
    this.turnLeft = perTurn;
  }

  /** Asked between frames. */
  pace(now = performance.now()): ReadingPace {
    if (!this.reading) return this.early < 0 ? 'over' : this.turnPace;
    const pace = this.reading.pace(now);
    return pace === 'go' ? this.turnPace : pace;
  }

  private get turnPace(): 'turn' | 'go' {
    return this.turnLeft < 0 ? 'turn' : 'go';
  }

  private spend(cost: number): void {
    this.turnLeft -= cost;
    if (this.reading) this.reading.spend(cost);
    else this.early -= cost;
  }
}
