import { randomBytes } from 'node:crypto';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import type { Handler } from './handler.js';
import { subjectsOf } from './handler-subjects.js';
import type { ServerIdentity } from '../options.js';
import { aliveSubject, isInbox } from '../wire/subjects.js';
import { replyHeaders } from '../wire/reply-headers.js';
import { lackedCalls } from '../wire/asked-calls.js';

/**
 * Tells who this server is: to callers that ask whether it lives (`liveness.ts`), and to anyone by the NATS services
 * protocol (`nats micro ls`, `nats micro info matching`), https://github.com/nats-io/nats-architecture-and-design ADR-32.
 * Its own ten subscriptions: the request path doesn't pass through here.
 */
export class ServerPresence {
  /** This server and its incarnation: a pod that comes back under its name is another one. */
  readonly server: string;
  private readonly incarnation = randomBytes(6).toString('hex');
  private readonly startedAt = new Date().toISOString();
  private readonly subscriptions: Subscription[] = [];
  private handlers: readonly Handler[] = [];

  constructor(
    private readonly nats: NatsConnection,
    private readonly identity: ServerIdentity,
  ) {
    this.server = `${identity.serverId}/${this.incarnation}`;
  }

  /** @param hasCall whether a call is not done whose answer goes there, and whose caller was told so */
  announceServer(handlers: readonly Handler[], hasCall: (reply: string) => boolean): void {
    this.handlers = handlers;
    const headers = replyHeaders({ server: this.server });
    this.listenForQuestions(aliveSubject(this.identity.serverId), (message) =>
      message.respond(lackedCalls(message, hasCall), { headers }),
    );
    const answers = {
      PING: () => this.answerPing(),
      INFO: () => this.answerInfo(),
      STATS: () => this.answerStats(),
    };
    for (const [verb, answer] of Object.entries(answers)) {
      const name = this.identity.serverType;
      for (const subject of [verb, `${verb}.${name}`, `${verb}.${name}.${this.identity.serverId}`]) {
        this.listenForQuestions(`$SRV.${subject}`, (message) => message.respond(JSON.stringify(answer())));
      }
    }
  }

  /** To be called last: as long as calls are running, their callers have to find us. */
  announceLeaving(): void {
    for (const subscription of this.subscriptions.splice(0)) {
      subscription.unsubscribe();
    }
  }

  private listenForQuestions(subject: string, answer: (message: Msg) => void): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (!error && isInbox(message.reply)) {
        answer(message);
      }
    };
    this.subscriptions.push(this.nats.subscribe(subject, { callback }));
  }

  private answerPing(): object {
    const { metadata, ...self } = this.self();
    const load = this.handlers.reduce((sum, { stats }) => sum + stats.inFlight + stats.queued, 0);
    return { type: 'io.nats.micro.v1.ping_response', ...self, metadata: { ...metadata, load: String(load) } };
  }

  private answerInfo(): object {
    const endpoints = this.handlers.map((handler) => ({
      name: handler.name,
      ...this.mainSubject(handler),
      metadata: { scope: handler.scope },
    }));
    return {
      type: 'io.nats.micro.v1.info_response',
      ...this.self(),
      description: 'ccgame server',
      endpoints,
    };
  }

  private answerStats(): object {
    const endpoints = this.handlers.map((handler) => {
      const { started, failed, durations } = handler.stats;
      const processing = Math.round(durations.sum * 1e9);
      return {
        name: handler.name,
        ...this.mainSubject(handler),
        num_requests: started,
        num_errors: [...failed.values()].reduce((sum, count) => sum + count, 0),
        last_error: '',
        processing_time: processing,
        average_processing_time: started > 0 ? Math.round(processing / started) : 0,
      };
    });
    return {
      type: 'io.nats.micro.v1.stats_response',
      ...this.self(),
      started: this.startedAt,
      endpoints,
    };
  }

  private self(): { name: string; id: string; version: string; metadata: object } {
    const { serverId, serverType, version, origin } = this.identity;
    return {
      name: serverType,
      id: serverId,
      version: semanticVersion(version),
      metadata: { serverId, serverType, version, incarnation: this.incarnation, ...origin },
    };
  }

  private mainSubject(handler: Handler): { subject: string; queue_group: string } {
    const all = subjectsOf(handler, this.identity, this.handlers);
    const main = all.find(({ queue }) => queue !== undefined) ?? all[0];
    return { subject: main?.subject ?? '', queue_group: main?.queue ?? '' };
  }
}

/** The protocol wants semver: `1.0.0000` → `1.0.0`, `latest` → `0.0.0`; the label itself is in the metadata. */
function semanticVersion(version: string): string {
  const parts = version.split('.').map(Number);
  return [0, 1, 2].map((place) => parts[place] || 0).join('.');
}
