import { AsyncResource } from 'node:async_hooks';
import { LostTime } from './lost-time.js';

/** How often waits are looked at, ms. */
export const roundMs = 250;
/**
 * A process that was held up itself waits for so much longer: for each ms that was lost here, two for the others, as a question
 * needs NATS and the server; up to a bound, so that one that hangs is known however busy the machine is.
 */
const grace = { factor: 2, mostMs: 6_000 };
/** An answer that is so late, ms, may have been lost with a NATS server that leaves: others are asked long before the patience is over. */
const lateMs = 500;
/** The most by which its own lost time puts off that it asks again. */
const mostLateGraceMs = 1_000;
/** More that are late in one round are no lost answers, but a NATS that is slow, which repeats would make slower. */
const mostRepeatsARound = 16;

/**
 * Tells when an answer has not come for too long. A busy server is not a dead one: the time that this process lost itself,
 * `LostTime`, is not the others' silence.
 */
export class Patience {
  private readonly lost = new LostTime(roundMs);
  private repeatsLeft = mostRepeatsARound;
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
  allowedMs(askedAt: number): number {
    return (
      this.silenceMs + Math.min(grace.factor * this.lost.since(askedAt, performance.now()), grace.mostMs)
    );
  }

  isOver(askedAt: number, now: number): boolean {
    return now - askedAt > this.silenceMs && now - askedAt > this.allowedMs(askedAt);
  }

  /** Whether an answer is so late that it may be lost: long before the patience is over, also in a process that was held up. */
  isLate(askedAt: number, now: number): boolean {
    const overMs = now - askedAt - lateMs;
    return overMs > 0 && overMs > Math.min(this.lost.since(askedAt, now), mostLateGraceMs);
  }

  /** Whether to ask once more now. It counts as asked: a round has a bound. @param askedAt when it was asked last */
  spendRepeat(askedAt: number, now: number): boolean {
    if (this.repeatsLeft === 0 || !this.isLate(askedAt, now)) return false;
    this.repeatsLeft -= 1;
    return true;
  }

  private lookRound(): void {
    if (!this.interval) return;
    const now = performance.now();
    this.lost.tick(now);
    this.repeatsLeft = mostRepeatsARound;
    this.onRound(now);
  }
}

/** The longest that {@link Patience} ever waits for an answer, ms. */
export function longestWaitMs(silenceMs: number): number {
  return silenceMs + grace.mostMs + roundMs;
}
