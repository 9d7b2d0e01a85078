import type {
  GatewayResponse,
  HandshakeAuth,
  PushMessage,
  SessionClosed,
  SessionOpened,
} from '@ccgame/protocol';
import { io, type Socket } from 'socket.io-client';
import { elapsedMs } from './clock.js';
import { ClientError, closingError } from './errors.js';
import type { Platform } from './platform.js';
import { pollingTransport, transportOf } from './transport.js';

/** The events of one socket that its owner is told. */
export interface LinkEvents {
  opened(link: Link, session: SessionOpened): void;
  push(link: Link, push: PushMessage): void;
  answer(answer: GatewayResponse): void;
  move(link: Link): void;
  /** Once, after `opened`. */
  lost(link: Link, closed?: SessionClosed): void;
}

/** How a socket reaches the game. */
export interface LinkWay extends Platform {
  /** HTTP long-polling, in the place of a WebSocket. */
  isPolling: boolean;
}

/** One socket, from its handshake to its end. */
export class Link {
  /** The connector's first push; undefined until it has come. */
  session?: SessionOpened;
  /**
   * How long a connector takes to answer a WebSocket's request, ms; undefined until it has. At the start of a game it is long: four times
   * the quickest answer to a message is a bound, as TCP, TLS and the request take a round trip or two each.
   */
  answeredAfterMs?: number;
  /** The request whose answer is timed, one at a time: those of others come in any order, and just after it was sent. */
  private timed?: { timestamp: number; sentAt: number };
  /** The other side said nothing any more, where a server that ends says so: its machine may be gone. */
  fellSilent = false;
  private readonly socket: Socket;
  private closed?: SessionClosed;
  private isToMove = false;
  private settle?: (error?: ClientError) => void;
  /** How long the WebSocket is waited for, ms. */
  private answerWithinMs = 0;

  constructor(
    url: string,
    auth: HandshakeAuth,
    facts: Record<string, string>,
    way: LinkWay,
    private readonly events: LinkEvents,
  ) {
    this.socket = io(url, {
      transports: [way.isPolling ? pollingTransport() : this.webSocketTransport(way)],
      upgrade: false,
      // The cookie by which an Ingress finds the same connector for each poll.
      withCredentials: way.isPolling,
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      auth: { ...auth },
      // An Ingress can match a query; it can't look into the auth payload.
      query: auth.version ? { ...facts, version: auth.version } : facts,
    });
    this.socket.on('connect_error', (error: Error & { data?: Record<string, unknown> }) =>
      this.endLink(refusal(error)),
    );
    this.socket.on('disconnect', (reason) => this.endLink(undefined, reason === 'ping timeout'));
    this.socket.on('Push', (push: unknown) => isPush(push) && this.receiveFrame(push));
    this.socket.on('Response', (answer: unknown) => {
      if (!isObject(answer)) return;
      this.noteAnswer(answer as GatewayResponse);
      events.answer(answer as GatewayResponse);
    });
  }

  /**
   * Resolves when the session is open; rejects with the refusal, and when that takes longer than `withinMs`, or the first sign of a
   * connector longer than `answerWithinMs`.
   */
  open(withinMs: number, answerWithinMs = withinMs): Promise<void> {
    this.answerWithinMs = answerWithinMs;
    return new Promise((resolve, reject) => {
      const since = elapsedMs();
      const timer = setTimeout(() => this.endLink(), withinMs);
      const silence = setTimeout(() => this.endLink(undefined, true), answerWithinMs);
      this.settle = (error) => {
        clearTimeout(timer);
        clearTimeout(silence);
        if (error) reject(error);
        else resolve();
      };
      this.socket.connect();
      // Between its WebSocket's opening and its own, socket.io-client 4.8 doesn't hear that the connection broke.
      const { engine } = this.socket.io;
      const broke = () => this.endLink();
      engine.once('close', broke);
      engine.once('open', () => {
        engine.off('close', broke);
        clearTimeout(silence);
        this.answeredAfterMs = elapsedMs() - since;
      });
    });
  }

  sendMessage(event: 'Request' | 'Notify', message: { timestamp: number }): void {
    if (event === 'Request') this.timed ??= { timestamp: message.timestamp, sentAt: elapsedMs() };
    this.socket.emit(event, message);
  }

  /** Leaves without a word to `events`. */
  close(): void {
    this.settle?.(new ClientError('CLOSED'));
    this.settle = undefined;
    this.socket.off();
    this.socket.disconnect();
  }

  private webSocketTransport(way: LinkWay): ReturnType<typeof transportOf> {
    return transportOf(
      way,
      () => this.answerWithinMs,
      (mistake) => this.endLink(mistake),
    );
  }

  private noteAnswer({ timestamp }: GatewayResponse): void {
    const { timed, answeredAfterMs } = this;
    if (timed === undefined || timed.timestamp !== timestamp) return;
    this.timed = undefined;
    if (answeredAfterMs !== undefined)
      this.answeredAfterMs = Math.min(answeredAfterMs, 4 * (elapsedMs() - timed.sentAt));
  }

  private receiveFrame(push: PushMessage): void {
    if (push.route === 'session.opened') {
      if (!isSession(push.data)) return;
      this.session = push.data;
      this.events.opened(this, this.session);
      this.settle?.();
      this.settle = undefined;
      if (this.isToMove) this.events.move(this);
      this.isToMove = false;
    } else if (push.route === 'session.closed') {
      this.closed = closedOf(push.data);
    } else if (push.route === 'session.move') {
      // A drain may begin while the session opens.
      if (this.session) this.events.move(this);
      else this.isToMove = true;
    } else {
      this.events.push(this, push);
    }
  }

  private endLink(error?: ClientError, fellSilent = false): void {
    const { closed, settle } = this;
    this.fellSilent ||= fellSilent;
    this.settle = undefined;
    this.socket.off();
    this.socket.disconnect();
    if (this.session) this.events.lost(this, closed);
    else settle?.(error ?? (closed ? closingError(closed) : new ClientError('UNREACHABLE')));
  }
}

// An error that is thrown while a frame is read ends a process on Node: whatever else comes there, such as a proxy's, is left out.

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isPush(value: unknown): value is PushMessage {
  const { route, position } = Object(value) as Partial<PushMessage>;
  return typeof route === 'string' && (position === undefined || Number.isSafeInteger(position));
}

function isSession(value: unknown): value is SessionOpened {
  const { session, position } = Object(value) as Partial<SessionOpened>;
  return typeof session === 'string' && Number.isSafeInteger(position);
}

/** Only a word of the connector's keeps a client away. */
function closedOf(value: unknown): SessionClosed | undefined {
  const closed = Object(value) as Partial<SessionClosed>;
  if (typeof closed.code !== 'string') return undefined;
  return { ...closed, code: closed.code, reconnect: closed.reconnect !== false };
}

/** A connector's refusal carries its code in `data`; anything else is the network. */
function refusal(error: Error & { data?: Record<string, unknown> }): ClientError {
  const { data } = error;
  if (typeof data?.code === 'string') return new ClientError(data.code, data);
  return new ClientError('UNREACHABLE', undefined, error);
}
