import { Logger } from '@nestjs/common';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { parseJson } from '@ccgame/jetstream';
import { answerTo, isAnswered } from '@ccgame/nats';
import type { Displacement } from './session-record.js';

/** Tells a connector that another socket has the session of one of its own. */
export interface DisplacedNotice {
  playerId: string;
  socket: string;
  how: Displacement;
}

/** Asks a connector whether the client of a socket is there; without one, whether the connector lives. */
interface SocketQuestion {
  socket?: string;
}

/** False too where the connector has no such socket. */
interface SocketAnswer {
  isThere: boolean;
}

type OnDisplaced = (playerId: string, socket: string, how: Displacement) => void;
type OnAsked = (socket: string) => boolean | Promise<boolean>;

/** A connector that says nothing for so long hangs, ms. NATS tells at once of one that has died. */
const silenceMs = 1_500;
/** One that asks its client needs as much longer as a busy client does. */
const clientSilenceMs = 3_500;

const noticeSubject = (serverId: string): string => `deliver.c.${serverId}`;

/** Connectors tell and ask each other by it about their players' sockets. */
export class SocketNotices {
  onDisplaced: OnDisplaced = () => {};
  onAsked: OnAsked = () => true;
  private readonly log = new Logger('sessions');
  private subscription?: Subscription;

  constructor(private readonly nats: NatsConnection) {}

  listenAs(serverId: string): void {
    this.subscription = this.nats.subscribe(noticeSubject(serverId), {
      callback: (error, message) => this.receiveNotice(error, message),
    });
  }

  close(): void {
    this.subscription?.unsubscribe();
  }

  notifyDisplaced(serverId: string, notice: DisplacedNotice): void {
    this.nats.publish(noticeSubject(serverId), JSON.stringify(notice));
  }

  isAlive(serverId: string): Promise<boolean> {
    return isAnswered(this.nats, noticeSubject(serverId), silenceMs);
  }

  /** Whether a socket's client is there: one whose network is gone stays open for seconds, so its connector asks it. */
  async isClientThere(serverId: string, socket: string): Promise<boolean> {
    const question = JSON.stringify({ socket } satisfies SocketQuestion);
    const answer = await answerTo(this.nats, noticeSubject(serverId), question, clientSilenceMs);
    // A connector of an older version says nothing of its clients.
    return answer !== undefined && parseJson<SocketAnswer>(answer)?.isThere !== false;
  }

  private receiveNotice(error: Error | null, message: Msg): void {
    // NATS refuses it: nobody here hears of take-overs, and the next look at the record finds them.
    if (error) return this.log.error({ event: 'session.notices.refused', reason: error.message });
    // This process stops where it can't answer any more.
    if (message.reply) return void this.answerQuestion(message).catch(() => undefined);
    const notice = parseJson<DisplacedNotice>(message.string());
    if (!notice) return this.log.warn({ event: 'session.notice.unreadable' });
    this.onDisplaced(notice.playerId, notice.socket, notice.how);
  }

  private async answerQuestion(message: Msg): Promise<void> {
    const { socket } = parseJson<SocketQuestion>(message.string()) ?? {};
    const isThere = socket === undefined || (await this.onAsked(socket));
    message.respond(JSON.stringify({ isThere } satisfies SocketAnswer));
  }
}
