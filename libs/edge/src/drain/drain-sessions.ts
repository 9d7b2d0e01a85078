import { Injectable, Logger } from '@nestjs/common';
import { ConnectedSessions } from '../gateway/connected-sessions.js';
import type { PlayerSession } from '../gateway/player-session.js';
import { HandshakeSlots } from '../gateway/handshake-slots.js';
import { metrics } from '../metrics.js';

/** From one batch to the next, and from one look at those who are left to the next, ms. */
const stepMs = 250;
const lookMs = 50;
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

  constructor(
    private readonly sessions: ConnectedSessions,
    private readonly slots: HandshakeSlots,
  ) {}

  /** @param deadline ms by `performance.now()` */
  async drainAll(deadline: number): Promise<void> {
    this.isDraining = true;
    const startedAt = performance.now();
    const endsAt = deadline - reserveMs;
    this.log.log({ event: 'drain.started', sessions: this.sessions.size });
    const asked = await this.untilGone(isSdk, isSdk, endsAt, (session) =>
      session.askToMove(Math.max(0, Math.round(endsAt - performance.now())), 'drain'),
    );
    const stayed = [...this.sessions.listSessions()].filter(isSdk).length;
    const answeredBy = performance.now() + answersMs;
    const mayClose = (session: PlayerSession): boolean =>
      session.inFlight === 0 || performance.now() > answeredBy;
    const close = (session: PlayerSession): void => session.close('DRAINING', { reconnect: true });
    const isOpen = ({ isOver }: PlayerSession): boolean => !isOver;
    let closed = await this.untilGone(isOpen, mayClose, endsAt, close);
    for (const session of [...this.sessions.listSessions()].filter(isOpen)) {
      close(session);
      closed += 1;
    }
    this.log.log({
      event: 'drain.done',
      moved: asked - stayed,
      closed,
      ms: Math.round(performance.now() - startedAt),
    });
  }

  /**
   * Acts once on each session that is `ready`, in batches, until none of `which` is left. One whose handshake was under way when the
   * drain began comes late, and is waited for.
   *
   * @returns on how many
   */
  private async untilGone(
    which: (session: PlayerSession) => boolean,
    ready: (session: PlayerSession) => boolean,
    endsAt: number,
    act: (session: PlayerSession) => void,
  ): Promise<number> {
    const done = new WeakSet<PlayerSession>();
    let count = 0;
    // The other half is for those whose first try fails.
    const spreadMs = Math.max(stepMs, (endsAt - performance.now()) / 2);
    const batch = Math.max(leastBatch, Math.ceil((this.sessions.size * stepMs) / spreadMs));
    while (performance.now() < endsAt) {
      const left = [...this.sessions.listSessions()].filter(which);
      if (left.length === 0 && this.slots.underWay === 0) break;
      const next = left.filter((session) => !done.has(session) && ready(session)).slice(0, batch);
      for (const session of next) {
        done.add(session);
        act(session);
      }
      count += next.length;
      metrics.draining.set(this.sessions.size);
      await sleep(next.length === batch ? stepMs : lookMs);
    }
    return count;
  }
}

const isSdk = ({ handshake }: PlayerSession): boolean => handshake.isSdk;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
