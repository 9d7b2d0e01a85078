import type { Msg } from '@nats-io/nats-core';
import { Patience } from '@ccgame/nats';
import { Call, type Waiting } from './call.js';
import type { ReplyInbox } from './reply-inbox.js';
import { lackedTokens } from '../wire/asked-calls.js';
import { readReplyHead } from '../wire/reply-headers.js';

/** A call younger than this isn't asked about, ms. */
const youngMs = 250;
/** A server that says nothing for so long is taken for dead, ms. With a round of {@link Patience} it makes 1.75 s at most. */
const silenceMs = 1_500;

/** Asks one server whether it lives and has those calls, by their tokens; the answer, or NATS's 503, comes to `token`. */
export type Probe = (serverId: string, token: number, calls: readonly number[]) => void;

/**
 * Notices that a server with calls of ours in flight has died or hangs.
 *
 * A server says within 200 ms that it has a call (`working`), and from then on we ask that server, once for all calls
 * that it has, whether it lives. NATS answers for a dead process at once, since the kernel closed its socket; a hanging
 * one doesn't answer. A call that nobody said to have, in {@link silenceMs}, was lost on the way, and so was the answer to
 * one that its server has no longer.
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
    const asked = new Map<string, number[]>();
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
        const calls = asked.get(serverId) ?? [];
        if (call.server !== undefined) calls.push(call.token);
        asked.set(serverId, calls);
      }
    }
    for (const [serverId, calls] of asked) {
      // Again in each round until it answers: one question that is lost would be all of its silence.
      this.probe(serverId, this.probes.get(serverId)?.token ?? this.openProbe(serverId, now), calls);
    }
  }

  private openProbe(serverId: string, now: number): number {
    const token = this.inbox.nextToken();
    this.await(serverId, token, now, now + silenceMs);
    return token;
  }

  private await(serverId: string, token: number, askedAt: number, deadline: number): void {
    const probe = new ProbeOf(token, deadline, {
      answered: (server, reason, lacked) => {
        this.probes.delete(serverId);
        this.inbox.removeSink(token);
        this.judgeSilence(serverId, askedAt, server, reason);
        if (server !== undefined) this.judgeLacked(server, lacked);
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

  /** Said twice: an answer may still be under way, as by the connection that its server had before. */
  private judgeLacked(server: string, tokens: readonly number[]): void {
    for (const token of tokens) {
      const call = this.inbox.sinkOf(token);
      if (!(call instanceof Call) || call.server !== server) continue;
      if (call.lackedBy === server) call.lose('The answer to the call was lost');
      call.lackedBy = server;
    }
  }
}

interface ProbeListener {
  answered(server: string | undefined, reason: string, lacked: readonly number[]): void;
  expired(): void;
}

class ProbeOf implements Waiting {
  constructor(
    readonly token: number,
    readonly deadline: number,
    private readonly listener: ProbeListener,
  ) {}

  receive(message: Msg): void {
    const server = message.headers && readReplyHead(message.headers).server;
    this.listener.answered(server, 'The server was replaced while it had the call', lackedTokens(message));
  }

  nobody(): void {
    this.listener.answered(undefined, 'The server with the call has died', []);
  }

  expire(): void {
    this.listener.expired();
  }

  hangs(): void {
    this.listener.answered(undefined, 'The server with the call hangs', []);
  }

  lose(): void {
    this.listener.answered(undefined, 'The connection to NATS broke with the call in flight', []);
  }
}
