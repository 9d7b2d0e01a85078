import { Config } from '@ccgame/config';
import { TokenBucket } from '../limits/token-bucket.js';

/**
 * The price of reading, in microseconds of a core as measured: a WebSocket frame with all that engine.io and socket.io do for
 * it (a pong 6, an acknowledgement 8, a ping 9), a chunk from the network, and the bytes.
 */
const costs = { frame: 10, chunk: 5, byte: 0.01 };
/** Enough for a handshake with a long token; before its token was found good, a connection gets no more. */
const beforeToken = 500;
/** The most that one connection may use in one turn of the event loop. */
const perTurn = 200;
/** For heartbeats and the like, and for each message that the session may send; one of 4 KB costs 50. */
const session = {
  perSecond: 2_000 + 50 * Config.SESSION_RATE,
  burst: 5_000 + 50 * Config.SESSION_BURST,
};
/** A client that goes on over its budget is held back for so long, ms, and then cut off. */
const patienceMs = 5_000;
/** Where the budget is used up, a little is read so often, ms. */
const holdMs = 20;

/** `go`: read on. `turn`: in the next turn of the event loop. A number: after so many ms. `over`: never. */
export type ReadingPace = 'go' | 'turn' | 'over' | number;

/** The budget of one connection for all that it sends: control frames, fragments, acknowledgements and messages alike. */
export class ConnectionBudget {
  private early = beforeToken;
  private bucket?: TokenBucket;
  private turnLeft = perTurn;
  private overSince?: number;

  /** Its token was found good: it has a player's budget from now on. */
  openSession(): void {
    this.bucket = new TokenBucket(session.perSecond, session.burst);
  }

  spendChunk(): void {
    this.spend(costs.chunk);
  }

  spendFrames(frames: number, bytes: number): void {
    this.spend(frames * costs.frame + bytes * costs.byte);
  }

  beginTurn(): void {
    this.turnLeft = perTurn;
  }

  /** Asked between frames. */
  pace(now = performance.now()): ReadingPace {
    if (!this.bucket) return this.early < 0 ? 'over' : this.turnPace;
    const level = this.bucket.level(now);
    if (level > 0) {
      if (level > 0.5) this.overSince = undefined;
      return this.turnPace;
    }
    this.overSince ??= now;
    return now - this.overSince > patienceMs ? 'over' : holdMs;
  }

  private get turnPace(): 'turn' | 'go' {
    return this.turnLeft < 0 ? 'turn' : 'go';
  }

  private spend(cost: number): void {
    this.turnLeft -= cost;
    if (this.bucket) this.bucket.spendAhead(cost);
    else this.early -= cost;
  }
}
