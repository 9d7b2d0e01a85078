import { Injectable, Logger } from '@nestjs/common';
import { ConnectedSessions } from '../gateway/connected-sessions.js';
import type { PlayerSession } from '../gateway/player-session.js';
import { metrics } from '../metrics.js';

const stepMs = 250;
/** One that has few players need not take its time. */
const leastBatch = 25;
/** The time that the rest of the stop needs, ms. */
const reserveMs = 3_000;
/** The answers that a plain client still waits for may take so long, ms: what comes after its socket is lost to it. */
const answersMs = 10_000;

/**
 * Moves the players away before a stop. Clients that can resume are asked in batches; each opens its next socket elsewhere
 * before it leaves this one. Where nobody else is ready yet, as with a single replica, they keep trying and stay meanwhile.
 * Plain clients can only be closed, and are closed last, each when it waits for no answer.
 */
@Injectable()
export class DrainSessions {
  isDraining = false;
  private readonly log = new Logger('drain');

  constructor(private readonly sessions: ConnectedSessions) {}

  /** @param deadline epoch milliseconds */
  async drainAll(deadline: number): Promise<void> {
    this.isDraining = true;
    const startedAt = Date.now();
    const endsAt = deadline - reserveMs;
    const count = this.sessions.size;
    this.log.log({ event: 'drain.started', sessions: count });
    const isSdk = ({ handshake }: PlayerSession) => handshake.isSdk;
    await this.inBatches([...this.sessions.listSessions()].filter(isSdk), endsAt, (session) =>
      session.askToMove(Math.max(0, endsAt - Date.now()), 'drain'),
    );
    await this.untilGone(isSdk, endsAt);
    const left = [...this.sessions.listSessions()];
    const close = (session: PlayerSession): void => session.close('DRAINING', { reconnect: true });
    await this.inBatches(left.filter(isIdle), endsAt, close);
    const busy = left.filter((session) => !session.isOver);
    await this.whenIdle(busy, Math.min(endsAt, Date.now() + answersMs), close);
    const ms = Date.now() - startedAt;
    this.log.log({ event: 'drain.done', moved: count - left.length, closed: left.length, ms });
  }

  private async inBatches(
    all: PlayerSession[],
    endsAt: number,
    act: (session: PlayerSession) => void,
  ): Promise<void> {
    // The other half is for those whose first try fails.
    const spreadMs = Math.max(0, endsAt - Date.now()) / 2;
    const batch = Math.max(leastBatch, Math.ceil((all.length * stepMs) / Math.max(stepMs, spreadMs)));
    for (let start = 0; start < all.length; start += batch) {
      if (start > 0) await sleep(stepMs);
      all.slice(start, start + batch).forEach(act);
      metrics.draining.set(this.sessions.size);
    }
  }

  /** Acts on each as soon as it waits for no answer; at the end on all that are left. */
  private async whenIdle(
    busy: PlayerSession[],
    endsAt: number,
    act: (session: PlayerSession) => void,
  ): Promise<void> {
    let left = busy;
    while (left.length > 0 && Date.now() < endsAt) {
      left.filter(isIdle).forEach(act);
      left = left.filter((session) => !session.isOver);
      if (left.length > 0) await sleep(50);
    }
    left.forEach(act);
  }

  private async untilGone(which: (session: PlayerSession) => boolean, endsAt: number): Promise<void> {
    while (Date.now() < endsAt && [...this.sessions.listSessions()].some(which)) {
      await sleep(50);
      metrics.draining.set(this.sessions.size);
    }
  }
}

function isIdle({ inFlight }: PlayerSession): boolean {
  return inFlight === 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
