import type { Msg } from '@nats-io/nats-core';
import { Call, type Waiting } from './call.js';
import type { Inbox } from './inbox.js';
import { readReplyHead } from '../wire/wire-headers.js';

/** How often calls in flight are looked at, ms. */
const roundMs = 250;
/** A server that says nothing for so long is taken for dead, ms. With the round it makes 1.75 s at most. */
const silenceMs = 1_500;

/** Asks one server whether it lives; the answer, or NATS's 503, comes to `waiting`. */
export type Probe = (serverId: string, token: number) => void;

/**
 * Notices that a server with calls of ours in flight has died or hangs.
 *
 * A server says within 200 ms that it has a call (`working`), and from then on we ask that server, once for all calls
 * that it has, whether it lives. NATS answers for a dead process at once, since the kernel closed its socket; a hanging
 * one doesn't answer. A call that nobody said to have, in {@link silenceMs}, was lost on the way.
 */
export class Liveness {
  private interval?: NodeJS.Timeout;
  private readonly probes = new Map<string, ProbeOf>();

  constructor(
    private readonly inbox: Inbox,
    private readonly probe: Probe,
  ) {}

  /** To be called at each new call. */
  watch(): void {
    // Behind the network's turn: a pause of this process is not the others' silence.
    this.interval ??= setInterval(() => setImmediate(() => this.round()), roundMs);
  }

  stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  private round(): void {
    if (this.inbox.size === 0) {
      this.stop();
      return;
    }
    const now = performance.now();
    const asked = new Set<string>();
    for (const call of this.inbox.all()) {
      if (!(call instanceof Call) || now - call.sentAt < roundMs) {
        continue;
      }
      if (call.server === undefined && now - call.sentAt > silenceMs) {
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
        this.ask(serverId, now);
      }
    }
  }

  private ask(serverId: string, now: number): void {
    const token = this.inbox.nextToken();
    const probe = new ProbeOf(now + silenceMs, (life, reason) => {
      this.probes.delete(serverId);
      this.inbox.remove(token);
      this.judge(serverId, now, life, reason);
    });
    this.probes.set(serverId, probe);
    this.inbox.add(token, probe);
    this.probe(serverId, token);
  }

  /** Another life under the same id (a pod of a StatefulSet that came back) does not have the old one's calls. */
  private judge(serverId: string, askedAt: number, life: string | undefined, reason: string): void {
    for (const call of this.inbox.all()) {
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

class ProbeOf implements Waiting {
  constructor(
    readonly deadline: number,
    private readonly done: (life: string | undefined, reason: string) => void,
  ) {}

  receive(message: Msg): void {
    const life = message.headers && readReplyHead(message.headers).server;
    this.done(life, 'The server was replaced while it had the call');
  }

  answer(): void {}

  nobody(): void {
    this.done(undefined, 'The server with the call has died');
  }

  expire(): void {
    this.done(undefined, 'The server with the call hangs');
  }

  lose(): void {
    this.done(undefined, 'The connection to NATS broke with the call in flight');
  }
}
