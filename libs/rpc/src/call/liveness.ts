import type { Msg } from '@nats-io/nats-core';
import { Call, type Waiting } from './call.js';
import type { ReplyInbox } from './reply-inbox.js';
import { LostTime } from './lost-time.js';
import { readReplyHead } from '../wire/wire-headers.js';

/** How often calls in flight are looked at, ms. */
const roundMs = 250;
/** A server that says nothing for so long is taken for dead, ms. With the round it makes 1.75 s at most. */
const silenceMs = 1_500;
/**
 * A caller that was held up meanwhile waits for so much longer: for each ms that it lost itself, two for the others, as a
 * question needs NATS and the server; up to a bound, so that a server that hangs is known however busy the machine is.
 */
const grace = { factor: 2, mostMs: 6_000 };

/** Asks one server whether it lives; the answer, or NATS's 503, comes to `waiting`. */
export type Probe = (serverId: string, token: number) => void;

/**
 * Notices that a server with calls of ours in flight has died or hangs.
 *
 * A server says within 200 ms that it has a call (`working`), and from then on we ask that server, once for all calls
 * that it has, whether it lives. NATS answers for a dead process at once, since the kernel closed its socket; a hanging
 * one doesn't answer. A call that nobody said to have, in {@link silenceMs}, was lost on the way. A busy server is not a dead
 * one: the time that this process lost itself, {@link LostTime}, is not the others' silence.
 */
export class Liveness {
  private interval?: NodeJS.Timeout;
  private readonly probes = new Map<string, ProbeOf>();
  private readonly lost = new LostTime(roundMs);

  constructor(
    private readonly inbox: ReplyInbox,
    private readonly probe: Probe,
  ) {}

  /** To be called at each new call. */
  watchCall(): void {
    // Behind the network's turn: a pause of this process is not the others' silence.
    if (this.interval) return;
    this.lost.begin(performance.now());
    this.interval = setInterval(() => setImmediate(() => this.askRound()), roundMs);
  }

  stopWatching(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  private askRound(): void {
    if (this.inbox.size === 0) {
      this.stopWatching();
      return;
    }
    const now = performance.now();
    this.lost.tick(now);
    const asked = new Set<string>();
    for (const call of this.inbox.listSinks()) {
      if (!(call instanceof Call) || now - call.sentAt < roundMs) {
        continue;
      }
      if (call.server === undefined && now - call.sentAt > this.patience(call.sentAt)) {
        call.lose('No server says that it has the call');
        continue;
      }
      const serverId = call.server?.split('/')[0] ?? call.route.serverId;
      if (serverId !== undefined) {
        asked.add(serverId);
      }
    }
    for (const serverId of asked) {
      if (!this.probes.has(serverId)) {
        this.askServer(serverId, now);
      }
    }
  }

  /** How long a question that was asked then may be without an answer by now, ms. */
  private patience(askedAt: number): number {
    return silenceMs + Math.min(grace.factor * this.lost.since(askedAt, performance.now()), grace.mostMs);
  }

  private askServer(serverId: string, now: number): void {
    const token = this.inbox.nextToken();
    this.await(serverId, token, now, now + silenceMs);
    this.probe(serverId, token);
  }

  private await(serverId: string, token: number, askedAt: number, deadline: number): void {
    const probe = new ProbeOf(deadline, {
      answered: (life, reason) => {
        this.probes.delete(serverId);
        this.inbox.removeSink(token);
        this.judgeSilence(serverId, askedAt, life, reason);
      },
      expired: () => {
        const later = askedAt + this.patience(askedAt);
        this.inbox.removeSink(token);
        if (later > performance.now()) this.await(serverId, token, askedAt, later);
        else probe.hangs();
      },
    });
    this.probes.set(serverId, probe);
    this.inbox.addSink(token, probe);
  }

  /** Another life under the same id (a pod of a StatefulSet that came back) does not have the old one's calls. */
  private judgeSilence(serverId: string, askedAt: number, life: string | undefined, reason: string): void {
    for (const call of this.inbox.listSinks()) {
      if (!(call instanceof Call)) {
        continue;
      }
      const isItsServer = call.server?.split('/')[0] === serverId;
      const lostLife = isItsServer && call.server !== life;
      const lostTarget =
        life === undefined && !call.server && call.route.serverId === serverId && call.sentAt < askedAt;
      if (lostLife || lostTarget) {
        call.lose(reason);
      }
    }
  }
}

interface ProbeOwner {
  answered(life: string | undefined, reason: string): void;
  expired(): void;
}

class ProbeOf implements Waiting {
  constructor(
    readonly deadline: number,
    private readonly owner: ProbeOwner,
  ) {}

  receive(message: Msg): void {
    const life = message.headers && readReplyHead(message.headers).server;
    this.owner.answered(life, 'The server was replaced while it had the call');
  }

  receiveAnswer(): void {}

  nobody(): void {
    this.owner.answered(undefined, 'The server with the call has died');
  }

  expire(): void {
    this.owner.expired();
  }

  hangs(): void {
    this.owner.answered(undefined, 'The server with the call hangs');
  }

  lose(): void {
    this.owner.answered(undefined, 'The connection to NATS broke with the call in flight');
  }
}
