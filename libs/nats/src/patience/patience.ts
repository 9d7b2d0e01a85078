import { AsyncResource } from 'node:async_hooks';
import { LostTime } from './lost-time.js';

/** How often waits are looked at, ms. */
export const roundMs = 250;
/**
 * A process that was held up itself waits for so much longer: for each ms that was lost here, two for the others, as a question
 * needs NATS and the server; up to a bound, so that one that hangs is known however busy the machine is.
 */
const grace = { factor: 2, mostMs: 6_000 };

/**
 * Tells when an answer has not come for too long. A busy server is not a dead one: the time that this process lost itself,
 * `LostTime`, is not the others' silence.
 */
export class Patience {
  private readonly lost = new LostTime(roundMs);
  private interval?: NodeJS.Timeout;
  /** In the context of whoever made this, and not of the call that waits first. */
  private readonly look = AsyncResource.bind(() => this.lookRound());

  /**
   * @param silenceMs an answer that takes longer is none, on a machine that has time
   * @param onRound called each `roundMs` while something is waited for, after the answers that lie in the socket
   */
  constructor(
    private readonly silenceMs: number,
    private readonly onRound: (now: number) => void,
  ) {}

  /** To be called at each new question. */
  watch(): void {
    if (this.interval) return;
    this.lost.begin(performance.now());
    // Behind the network's turn: a pause of this process is not the others' silence.
    this.interval = setInterval(() => setImmediate(this.look), roundMs).unref();
  }

  /** Nothing is waited for. */
  rest(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  /** How long a question that was asked at that moment may be without an answer by now, ms. */
  allowedMs(askedAt: number, silenceMs = this.silenceMs): number {
    return silenceMs + Math.min(grace.factor * this.lost.since(askedAt, performance.now()), grace.mostMs);
  }

  /** @param silenceMs where an earlier sign is asked for */
  isOver(askedAt: number, now: number, silenceMs = this.silenceMs): boolean {
    return now - askedAt > silenceMs && now - askedAt > this.allowedMs(askedAt, silenceMs);
  }

  private lookRound(): void {
    if (!this.interval) return;
    const now = performance.now();
    this.lost.tick(now);
    this.onRound(now);
  }
}

/** The longest that {@link Patience} ever waits for an answer, ms. */
export function longestWaitMs(silenceMs: number): number {
  return silenceMs + grace.mostMs + roundMs;
}
