import type {
  AnyGame,
  GameTypes,
  GatewayResponse,
  PayloadOf,
  PushRoute,
  RequestRoute,
  ResultOf,
  RoomKind,
  ViewOf,
  PushMessage,
  SessionClosed,
  SessionOpened,
} from '@ccgame/protocol';
import { Address } from './address.js';
import { Boards } from './boards.js';
import { checkOptions, isTimeout } from './check-options.js';
import type { ClientEvents, ClientState, NotifyOptions, RequestOptions } from './client-events.js';
import { ClientError, closingError, invalid } from './errors.js';
import { GameHttp } from './game-http.js';
import { isOwnEvent } from './own-events.js';
import { PushInbox, savedPosition } from './push-inbox.js';
import type { Link, LinkEvents } from './link.js';
import { Listeners } from './listeners.js';
import { tokenOf } from './login.js';
import { messageOf } from './message.js';
import { Opener } from './opener.js';
import type { ConnectOptions, SavedPosition } from './options.js';
import { type Gap, Refresh } from './refresh.js';
import { PendingRequests } from './pending-requests.js';
import { RetiredLinks } from './retired-links.js';
import { type Room, Rooms } from './rooms.js';
import { TokenRenewer } from './token-renewer.js';
import { waitOf } from './timer.js';
import { PlayerToken } from './token.js';

/** A player's session. It outlives its sockets: it goes on until `close()`, or until the servers end it. */
export class Client<G extends GameTypes = AnyGame> {
  /** Resolves with the first session; rejects when the servers refuse this player. */
  readonly ready: Promise<void>;
  /** The leaderboards, by HTTP: they wait for no session. */
  readonly boards: Boards;
  /** Apart from each other: a push under the name of an event of the client's own reaches no listener of that. */
  private readonly pushListeners = new Listeners();
  private readonly listeners = new Listeners();
  private readonly inbox: PushInbox;
  private readonly refresh: Refresh;
  private readonly requests: PendingRequests;
  private readonly rooms: Rooms;
  private readonly opener: Opener;
  private readonly renewer: TokenRenewer;
  private readonly retired: RetiredLinks;
  private current?: Link;
  private player?: string;
  private currentState: ClientState = 'connecting';
  private settleReady: (error?: ClientError) => void;

  /** @throws TypeError for an option that is none */
  constructor(private readonly options: ConnectOptions) {
    checkOptions(options);
    const { maxQueued = 100, resume } = options;
    this.inbox = new PushInbox(resume);
    this.refresh = new Refresh(options.onNotRecovered, {
      give: (push) => this.pushListeners.emit(push.route, push.data),
      failed: (cause) => this.listeners.emit('error', new ClientError('NOT_REFRESHED', {}, cause)),
    });
    this.requests = new PendingRequests(maxQueued, () => this.retired.leaveIdle(), resume?.sent);
    this.retired = new RetiredLinks(this.requests, () => this.flushQueued());
    this.rooms = new Rooms(async (kind, data) => this.send('Request', `${kind}_view`, data, {}));
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = (error) => (error ? reject(error) : resolve());
    });
    // A game that doesn't ask for `ready` hears of a refusal by the `error` event.
    this.ready.catch(() => {});
    const token = new PlayerToken(tokenOf(options));
    this.boards = new Boards(new GameHttp(options), token);
    this.renewer = new TokenRenewer(token, (message) =>
      this.requests.addRequest('Request', message, 10_000, this.current),
    );
    const events: LinkEvents = {
      opened: (link, session) => this.linkOpened(link, session),
      push: (link, push) => this.receivePush(link, push),
      answer: (answer) => this.receiveAnswer(answer),
      move: (link) => link === this.current && this.state === 'online' && this.opener.moveSession(),
      lost: (link, closed) => this.linkLost(link, closed),
    };
    this.opener = new Opener(new Address(options), token, events, options, {
      resume: () => this.inbox.position,
      isMoving: () => this.current !== undefined,
      failed: (error) => this.listeners.emit('error', error),
      gaveUp: (error) => (error.code === 'DUPLICATE' ? this.goElsewhere() : this.endSession(error)),
    });
    this.opener.start();
  }

  get state(): ClientState {
    return this.currentState;
  }

  /** The player's id, once there was a session. */
  get playerId(): string | undefined {
    return this.player;
  }

  /** The connector that holds the session now, for a page that shows it. */
  get serverId(): string | undefined {
    return this.current?.session?.serverId;
  }

  /** Kept across a page reload, it lets the next client go on where this one is: the option `resume`. */
  get position(): SavedPosition | undefined {
    return savedPosition(this.refresh.since ?? this.inbox.position, this.requests.lastSent);
  }

  /**
   * Asks a server and gives its answer. Without a connection it waits for one; after a break it is sent again only where
   * its contract allows.
   *
   * Sends `data` as it is now. Not JSON or too large (64 KB): INVALID or TOO_LARGE, and nothing is sent.
   *
   * @throws ClientError
   */
  async request<R extends RequestRoute<G>>(
    route: R,
    data: PayloadOf<G, R>,
    options: RequestOptions = {},
  ): Promise<ResultOf<G, R>> {
    return (await this.send('Request', route, data, options)) as ResultOf<G, R>;
  }

  /** Sends without an answer; resolves when it is on its way. The `error` event tells where it came too fast. @throws ClientError */
  async notify<R extends RequestRoute<G>>(
    route: R,
    data: PayloadOf<G, R>,
    options: NotifyOptions = {},
  ): Promise<void> {
    await this.send('Notify', route, data, options);
  }

  /** Calls `listener` with each push of a route, once and in order. Returns what ends that. */
  on<R extends PushRoute<G>>(route: R, listener: (data: G['pushes'][R]) => void): () => void;
  on<E extends keyof ClientEvents>(event: E, listener: (value: ClientEvents[E]) => void): () => void;
  on(name: string, listener: (value: never) => void): () => void {
    return (isOwnEvent(name) ? this.listeners : this.pushListeners).on(name, listener);
  }

  /**
   * The player's room of a kind, such as `dice.table`, with a state that is kept up to date, also over breaks; or, by its id, another
   * one that lets the player look at it.
   */
  room<K extends RoomKind<G>>(kind: K, roomId?: string): Room<ViewOf<G, K>> {
    return this.rooms.openRoom(kind, roomId, this.currentState === 'online');
  }

  /** Takes the session back from another tab or window, which is told so. Does nothing unless the state is `elsewhere`. */
  continueHere(): void {
    if (this.currentState !== 'elsewhere') return;
    this.setState('reconnecting');
    this.opener.start();
  }

  /** Ends the session on this side; waiting requests fail with CLOSED. */
  close(): void {
    this.endSession();
  }

  private send(
    event: 'Request' | 'Notify',
    route: string,
    data: unknown,
    { timeoutMs = this.options.timeoutMs ?? 10_000, ...fields }: RequestOptions,
  ): Promise<unknown> {
    if (this.currentState === 'closed') throw new ClientError('CLOSED');
    if (this.currentState === 'elsewhere') throw new ClientError('DUPLICATE');
    if (!isTimeout(timeoutMs)) throw invalid('timeoutMs', 'expected a number of ms');
    return this.requests.addRequest(event, messageOf(route, data, fields), timeoutMs, this.current);
  }

  private linkOpened(link: Link, session: SessionOpened): void {
    // The same socket again: the servers lost the log under it.
    const before = this.current;
    const since = this.inbox.position;
    const hasGap = !this.inbox.openSession(session) && since !== undefined;
    const gap: Gap = { reason: session.notRecovered ?? 'expired' };
    if (hasGap) this.refresh.beginRefresh(gap, since);
    this.current = link;
    this.player = session.playerId ?? this.player;
    this.renewer.tokenLasts(session);
    this.flushQueued();
    if (before && before !== link) this.retired.retireLink(before);
    this.setState('online');
    this.settleReady();
    this.rooms.beginOnSocket();
    if (hasGap) this.listeners.emit('notRecovered', gap);
    else if (before && before !== link) this.listeners.emit('moved', { serverId: session.serverId });
  }

  private receivePush(link: Link, push: PushMessage): void {
    if (push.position === undefined || !link.session) {
      // Volatile: only the newest socket's, as both bring them during a move.
      if (push.position !== undefined || link !== this.current) return;
      this.rooms.receivePush(push);
      return this.refresh.acceptPush(push);
    }
    if (this.inbox.acceptPush(push)) this.refresh.acceptPush(push);
  }

  private linkLost(link: Link, closed?: SessionClosed): void {
    this.retired.forgetLink(link);
    this.requests.linkLost(link);
    if (link !== this.current) return this.flushQueued();
    this.current = undefined;
    this.renewer.stop();
    if (closed?.code === 'DUPLICATE') return this.goElsewhere();
    if (closed?.reconnect === false) return this.endSession(closingError(closed));
    if (this.state === 'elsewhere') return;
    this.setState('reconnecting');
    this.opener.socketLost(waitOf(closed?.retryAfterMs), link.fellSilent);
  }

  private receiveAnswer(answer: GatewayResponse): void {
    const { error } = answer;
    // The answers that a Notify may get.
    const isNotify = !this.requests.answerRequest(answer) && /^(RATE_LIMITED|MUTED)$/.test(error?.code ?? '');
    if (isNotify && error) this.listeners.emit('error', new ClientError(error.code, error));
    this.retired.leaveIdle();
  }

  private flushQueued(): void {
    if (this.current) this.requests.flushQueued(this.current);
  }

  /** Until `continueHere`: any other socket would take the session back from the other tab. */
  private goElsewhere(): void {
    this.opener.cancel();
    this.setState('elsewhere');
  }

  private endSession(error?: ClientError): void {
    if (this.currentState === 'closed') return;
    this.opener.stop();
    this.renewer.stop();
    this.refresh.stop();
    this.rooms.stopAll();
    this.current?.close();
    this.current = undefined;
    this.retired.leaveAll();
    this.requests.failAll();
    this.settleReady(error ?? new ClientError('CLOSED'));
    this.setState('closed');
    if (error) this.listeners.emit('error', error);
  }

  private setState(state: ClientState): void {
    if (this.currentState === state) return;
    this.currentState = state;
    this.listeners.emit('state', state);
  }
}
