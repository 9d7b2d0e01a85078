import type { Msg } from '@nats-io/nats-core';
import { Patience } from '@ccgame/nats';
import { Call, type Waiting } from './call.js';
import type { ReplyInbox } from './reply-inbox.js';
import { readReplyHead } from '../wire/reply-headers.js';

/** A call younger than this isn't asked about, ms. */
const youngMs = 250;
/** A server that says nothing for so long is taken for dead, ms. With a round of {@link Patience} it makes 1.75 s at most. */
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
  private readonly probes = new Map<string, ProbeOf>();
  private readonly patience = new Patience(silenceMs, (now) => this.askRound(now));

  constructor(
    private readonly inbox: ReplyInbox,
    private readonly probe: Probe,
  ) {}

  /** To be called at each new call. */
  watchCall(): void {
    this.patience.watch();
  }

  stopWatching(): void {
    this.patience.rest();
  }

  private askRound(now: number): void {
    if (this.inbox.size === 0) {
      this.stopWatching();
      return;
    }
    const asked = new Set<string>();
    for (const call of this.inbox.listSinks()) {
      if (!(call instanceof Call) || now - call.sentAt < youngMs) {
        continue;
      }
      if (call.server === undefined && this.patience.isOver(call.sentAt, now)) {
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

  private askServer(serverId: string, now: number): void {
    const token = this.inbox.nextToken();
    this.await(serverId, token, now, now + silenceMs);
    this.probe(serverId, token);
  }

  private await(serverId: string, token: number, askedAt: number, deadline: number): void {
    const probe = new ProbeOf(deadline, {
      answered: (server, reason) => {
        this.probes.delete(serverId);
        this.inbox.removeSink(token);
        this.judgeSilence(serverId, askedAt, server, reason);
      },
      expired: () => {
        const later = askedAt + this.patience.allowedMs(askedAt);
        this.inbox.removeSink(token);
        if (later > performance.now()) this.await(serverId, token, askedAt, later);
        else probe.hangs();
      },
    });
    this.probes.set(serverId, probe);
    this.inbox.addSink(token, probe);
  }

  /** Another incarnation of the same id (a pod of a StatefulSet that came back) does not have the old one's calls. */
  private judgeSilence(serverId: string, askedAt: number, server: string | undefined, reason: string): void {
    for (const call of this.inbox.listSinks()) {
      if (!(call instanceof Call)) {
        continue;
      }
      const isItsServer = call.server?.split('/')[0] === serverId;
      const lostServer = isItsServer && call.server !== server;
      const lostTarget =
        server === undefined && !call.server && call.route.serverId === serverId && call.sentAt < askedAt;
      if (lostServer || lostTarget) {
        call.lose(reason);
      }
    }
  }
}

interface ProbeListener {
  answered(server: string | undefined, reason: string): void;
  expired(): void;
}

class ProbeOf implements Waiting {
  constructor(
    readonly deadline: number,
    private readonly listener: ProbeListener,
  ) {}

  receive(message: Msg): void {
    const server = message.headers && readReplyHead(message.headers).server;
    this.listener.answered(server, 'The server was replaced while it had the call');
  }

  nobody(): void {
    this.listener.answered(undefined, 'The server with the call has died');
  }

  expire(): void {
    this.listener.expired();
  }

  hangs(): void {
    this.listener.answered(undefined, 'The server with the call hangs');
  }

  lose(): void {
    this.listener.answered(undefined, 'The connection to NATS broke with the call in flight');
  }
}
