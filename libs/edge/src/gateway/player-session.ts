import { Logger } from '@nestjs/common';
import type { NotRecovered, SessionClosed, SessionPushes } from '@ccgame/protocol';
import { checkName, encodeJson, invalid, type RpcContext } from '@ccgame/rpc';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type {
  Bindings,
  Delivery,
  Feed,
  FeedSink,
  FeedStart,
  Sanction,
  SessionClaim,
  SessionClaims,
  SocketEnd,
  ValueChanges,
} from '@ccgame/sessions';
import type { Socket } from 'socket.io';
import { FairShare } from '../limits/fair-share.js';
import { SessionLimits } from '../limits/session-limits.js';
import { metrics } from '../metrics.js';
import type { PlayerRoutes } from '../routes/player-routes.js';
import { countFeed } from './count-feed.js';
import type { HandshakeResult } from './handshake.js';
import { sessionOpened } from './session-opened.js';
import { SessionValues } from './session-values.js';
import type { SocketSession } from './socket-session.js';
import type { OrderedCalls } from './ordered-calls.js';
import { nameRecovery, recoveryId, withOffset } from './state-recovery.js';
import { SocketWire } from './socket-wire.js';

const log = new Logger('session');
const decoder = new TextDecoder();
/** Names that clients take for something else: the protocol's, and those that socket.io tells by itself. */
const ownEvents = new Set(['Push', 'Response', 'Position', 'connect', 'connect_error', 'disconnect']);

/** One player's socket on this connector. */
export class PlayerSession implements FeedSink, SocketSession {
  readonly limits: SessionLimits;
  /** The attributes that the player's calls carry to the servers. */
  readonly context: RpcContext;
  readonly share: FairShare;
  /** The gateways' handlers, bound to this session. */
  handlers: readonly MessageMappingProperties[] = [];
  private gone: ((reason: string) => void)[] = [];
  private readonly wire: SocketWire;
  renewAt = 0;
  /** By `performance.now()`. */
  readonly openedAt = performance.now();
  inFlight = 0;
  isDisplaced = false;
  /** The sanction by an operator; it may be over by now. */
  mute?: Sanction;
  /** Epoch ms. */
  tokenExpiresAt: number;
  ordered?: OrderedCalls;
  private readonly values: SessionValues;
  private readonly feed: Feed;
  private isClosed = false;
  private closedWith?: string;
  /** A planned close: socket.io's client comes back by itself. */
  private mayReturn = false;
  private hasBegun = false;
  /** The position of the last push that was sent. */
  private sentUpTo = 0;

  constructor(
    readonly socket: Socket,
    readonly handshake: HandshakeResult,
    readonly claim: SessionClaim,
    delivery: Delivery,
    readonly routes: PlayerRoutes,
    private readonly bindings: Bindings,
    claims: Pick<SessionClaims, 'changeHeldData'>,
  ) {
    const { playerId, version } = handshake;
    this.values = new SessionValues(playerId, claim, claims);
    this.limits = new SessionLimits(routes);
    this.tokenExpiresAt = handshake.tokenExpiresAt;
    this.wire = new SocketWire(socket);
    this.share = new FairShare(this.wire);
    this.feed = delivery.openFeed(playerId, this);
    this.context = {
      version,
      attributes: { uid: playerId, session: claim.record.session, fence: String(claim.fence) },
    };
  }

  get playerId(): string {
    return this.handshake.playerId;
  }

  get version(): string {
    return this.handshake.version;
  }

  get sessionId(): string {
    return this.claim.record.session;
  }

  get isResumed(): boolean {
    return this.claim.isResumed;
  }

  get attributes(): SocketSession['attributes'] {
    return this.context.attributes;
  }

  boundTo({ kind }: { readonly kind: string }): Promise<string | undefined> {
    return this.bindings.findBound(this.playerId, kind);
  }

  get(name: string): unknown {
    return this.values.readValue(name);
  }

  set(name: string, value: unknown): Promise<void> {
    return this.changeData({ [name]: value ?? null });
  }

  /** @throws RpcError see `SessionClaims.changeHeldData` */
  changeData(changes: ValueChanges): Promise<void> {
    return this.values.changeValues(changes, () => this.isDisplaced);
  }

  push(route: string, data: unknown): void {
    const json = `{"route":"${checkName('pushRoute', route)}","data":${encodeJson(data ?? null)}}`;
    if (!this.isClosed) this.send('Push', json);
  }

  emit(event: string, data?: unknown): void {
    if (ownEvents.has(event)) throw invalid([{ field: 'event', rule: 'this name is the protocol’s own' }]);
    const json = encodeJson(data ?? null);
    // socket.io's client would take a string at the end for its offset.
    const isOffset = typeof data === 'string' && this.handshake.recovery;
    if (!this.isClosed) this.send(event, isOffset ? withOffset(json, this.sentUpTo) : json);
  }

  /** It was closed, or its socket is gone. */
  get isOver(): boolean {
    return this.isClosed;
  }

  /** Called once, when the socket is gone. */
  whenGone(listener: (reason: string) => void): void {
    // Exactly as long as it has to be: a list that is pushed to has places for 17.
    this.gone = [...this.gone, listener];
  }

  /**
   * Lets the pushes flow: those that the player missed, then the new ones. A push before socket.io's welcome waits for it.
   *
   * @throws RpcError BUSY when NATS stays away
   */
  async openFeed(): Promise<void> {
    if (this.isDisplaced || this.isClosed) return;
    const { resume } = this.handshake;
    try {
      await this.feed.open(this.claim.isResumed ? resume?.position : undefined);
    } catch (error) {
      // Taken over meanwhile: the player is welcomed all the same, to be told so.
      if (!this.isDisplaced && !this.isClosed) throw error;
    }
    this.wire.beforeWelcome();
  }

  /** socket.io has welcomed the player. */
  welcomed(): void {
    this.wire.afterWelcome();
    if (this.isClosed) this.hangUp();
  }

  beginFeed(start: FeedStart): void {
    const notRecovered = this.problem(start);
    if (this.handshake.recovery) this.beginRecovery(start);
    countFeed(this.playerId, start, notRecovered, !this.hasBegun);
    this.hasBegun = true;
    this.pushSessionEvent('session.opened', sessionOpened(this, start, notRecovered));
  }

  pushMessage(body: Uint8Array, position?: number): void {
    const json = decoder.decode(body);
    if (position === undefined) return this.pushOfTopic(json);
    if (this.isClosed) return;
    metrics.pushes.inc({ kind: 'reliable' });
    const push = `${json.slice(0, -1)},"position":${position}}`;
    this.sentUpTo = position;
    this.send('Push', this.handshake.recovery ? withOffset(push, position) : push);
  }

  pushOfTopic(json: string): void {
    if (this.isClosed) return;
    metrics.pushes.inc({ kind: this.wire.sendVolatile(json) ? 'volatile' : 'dropped' });
  }

  /** A client that doesn't read its pushes or answers is closed before they fill the memory. */
  send(event: string, json: string): void {
    if (this.wire.pace === 'too-slow') this.closeSlowConsumer();
    else this.wire.send(event, json);
  }

  untilRead(): Promise<void> | undefined {
    return this.wire.pace === 'good' ? undefined : this.wire.untilRead();
  }

  closeSlowConsumer(): void {
    this.close('SLOW_CONSUMER', { reconnect: true, retryAfterMs: 1_000 });
  }

  noteDelivered(position: number): void {
    this.sentUpTo = position;
    if (this.handshake.isSdk) {
      this.wire.send('Push', `{"route":"session.position","data":{},"position":${position}}`);
    } else if (this.handshake.recovery) this.wire.send('Position', `"${position}"`);
  }

  /** Asks the client to go on elsewhere. */
  askToMove(withinMs: number, reason: 'release' | 'drain' | 'operator'): void {
    metrics.moves.inc({ reason });
    this.pushSessionEvent('session.move', { withinMs });
  }

  /** The player's pushes flow on another socket now. */
  stopPushes(): void {
    this.isDisplaced = true;
    this.feed.close();
  }

  /** Says why, then closes the socket. */
  close(code: SessionClosed['code'], how: Omit<SessionClosed, 'code'> = { reconnect: false }): void {
    if (this.isClosed) return;
    log.debug({ event: 'session.closed', playerId: this.playerId, code });
    metrics.closed.inc({ reason: code });
    this.wire.send('Push', JSON.stringify({ route: 'session.closed', data: { code, ...how } }));
    this.closedWith = code;
    this.mayReturn = how.reconnect;
    this.endSession();
    if (code === 'ABUSE') this.wire.stopReading();
    this.hangUp();
    this.wire.endSoon();
  }

  /**
   * Before socket.io has welcomed the player this waits for that, as the client reads nothing earlier.
   *
   * A client that is disconnected by name ("io server disconnect") stays away for good; one whose transport ends comes back.
   */
  private hangUp(): void {
    if (!this.socket.connected) return;
    if (this.mayReturn) this.socket.conn.close();
    else this.socket.disconnect(true);
  }

  /** How the socket ended, for the session's record. */
  endOf(reason: string): SocketEnd {
    const isOver = this.closedWith !== undefined && !this.mayReturn;
    return { why: this.closedWith ?? reason, ...(isOver && { isOver }) };
  }

  /** The socket is gone. */
  socketGone(reason: string): void {
    if (!this.isClosed) metrics.closed.inc({ reason });
    this.endSession();
    const { gone } = this;
    this.gone = [];
    for (const listener of gone) listener(this.closedWith ?? reason);
  }

  private endSession(): void {
    this.isClosed = true;
    this.share.close();
    this.feed.close();
  }

  private pushSessionEvent<R extends keyof SessionPushes>(route: R, data: SessionPushes[R]): void {
    if (this.handshake.isSdk) this.wire.send('Push', JSON.stringify({ route, data }));
  }

  /** A client without the SDK learns of a gap by the welcome alone, so that one in the middle ends its transport: it comes back. */
  private beginRecovery({ position, recovered }: FeedStart): void {
    this.sentUpTo = position;
    const { pid } = this.handshake.recovery ?? {};
    if (this.hasBegun) this.close('BUSY', { reconnect: true });
    else nameRecovery(this.socket, (recovered && pid) || recoveryId({ session: this.sessionId, position }));
  }

  private problem({ notRecovered }: FeedStart): NotRecovered | undefined {
    const isForeign = this.handshake.resume && !this.claim.isResumed && !this.hasBegun;
    return isForeign ? 'unknown-session' : notRecovered;
  }
}
