import { Logger } from '@nestjs/common';
import type { SessionClosed, SessionPushes } from '@ccgame/protocol';
import { checkName, encodeJson, type RpcContext } from '@ccgame/rpc';
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
} from '@ccgame/sessions';
import type { Socket } from 'socket.io';
import { FairShare } from '../limits/fair-share.js';
import { SessionLimits } from '../limits/session-limits.js';
import { metrics } from '../metrics.js';
import type { PlayerRoutes } from '../routes/player-routes.js';
import { assertGameEvent } from './assert-game-event.js';
import { closeReason } from './close-reason.js';
import { countFeed } from './count-feed.js';
import type { HandshakeResult } from './handshake.js';
import { KeptSession } from './kept-session.js';
import { SessionEnding } from './session-ending.js';
import { sessionOpened } from './session-opened.js';
import type { SocketSession } from './socket-session.js';
import type { OrderedCalls } from './ordered-calls.js';
import { nameRecovery, recoveryId, withOffset } from './state-recovery.js';
import { SocketWire } from './socket-wire.js';
import { ToldPosition } from './told-position.js';

const log = new Logger('session');
const decoder = new TextDecoder();

/** One player's socket on this connector. */
export class PlayerSession extends KeptSession implements FeedSink, SocketSession {
  /** Those of the player's socket before it, where it has used some. */
  limits: SessionLimits;
  /** The attributes that the player's calls carry to the servers. */
  readonly context: RpcContext;
  readonly share: FairShare;
  /** The gateways' handlers, bound to this session. */
  handlers: readonly MessageMappingProperties[] = [];
  readonly ending: SessionEnding;
  private readonly wire: SocketWire;
  /** When its record is looked at next, by `performance.now()`. */
  lookAt = 0;
  /** By `performance.now()`. */
  readonly openedAt = performance.now();
  inFlight = 0;
  /** The sanction by an operator; it may be over by now. */
  mute?: Sanction;
  /** By `performance.now()`. */
  tokenEndsAt: number;
  /** Counts up: of the renewal that gave the token; 0: the handshake did. */
  renewal = 0;
  ordered?: OrderedCalls;
  private readonly feed: Feed;
  private hasBegun = false;
  private readonly position: ToldPosition;

  constructor(
    readonly socket: Socket,
    readonly handshake: HandshakeResult,
    claim: SessionClaim,
    delivery: Delivery,
    readonly routes: PlayerRoutes,
    bindings: Bindings,
    claims: Pick<SessionClaims, 'changeHeldData'>,
  ) {
    super(handshake.playerId, claim, bindings, claims);
    const { playerId, version } = handshake;
    this.limits = new SessionLimits(routes);
    this.tokenEndsAt = handshake.tokenEndsAt;
    this.ending = new SessionEnding(socket);
    this.wire = new SocketWire(socket);
    this.position = new ToldPosition(this.wire, handshake);
    this.share = new FairShare(this.wire);
    this.feed = delivery.openFeed(playerId, this);
    this.context = {
      version,
      attributes: { uid: playerId, session: claim.record.session, fence: String(claim.fence) },
    };
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

  push(route: string, data: unknown): void {
    const json = `{"route":"${checkName('pushRoute', route)}","data":${encodeJson(data ?? null)}}`;
    if (!this.isOver) this.send('Push', json);
  }

  emit(event: string, data?: unknown): void {
    assertGameEvent(event);
    const json = encodeJson(data ?? null);
    // socket.io's client would take a string at the end for its offset.
    const isOffset = typeof data === 'string' && this.handshake.recovery;
    if (!this.isOver) this.send(event, isOffset ? withOffset(json, this.position.current) : json);
  }

  /** It was closed, or its socket is gone. */
  get isOver(): boolean {
    return this.ending.isOver;
  }

  /**
   * Lets the pushes flow: those that the player missed, then the new ones. A push before socket.io's welcome waits for it.
   *
   * @throws RpcError BUSY when NATS stays away
   */
  async openFeed(): Promise<void> {
    if (this.isDisplaced || this.isOver) return;
    const { resume } = this.handshake;
    const { isResumed, isForgotten } = this.claim;
    try {
      // The log alone has what a player missed: it is there though nobody knows the session any more.
      await this.feed.open(isResumed || isForgotten ? resume?.position : undefined, isForgotten);
    } catch (error) {
      // Taken over meanwhile: the player is welcomed all the same, to be told so.
      if (!this.isDisplaced && !this.isOver) throw error;
    }
    this.wire.beforeWelcome();
  }

  /** socket.io has welcomed the player. */
  welcomed(): void {
    this.wire.afterWelcome();
    if (this.isOver) this.ending.hangUp();
  }

  beginFeed(begun: FeedStart): void {
    const isForeign = this.handshake.resume && !this.claim.isResumed && !this.hasBegun;
    // Also where the missed pushes follow: the session's values and bindings are gone.
    const start: FeedStart = isForeign
      ? { ...begun, recovered: false, notRecovered: 'unknown-session' }
      : begun;
    if (this.handshake.recovery) this.beginRecovery(start);
    countFeed(this, start, !this.hasBegun);
    this.hasBegun = true;
    this.pushSessionEvent('session.opened', sessionOpened(this, start));
  }

  pushMessage(body: Uint8Array, position?: number): void {
    const json = decoder.decode(body);
    if (position === undefined) return this.pushOfTopic(json);
    if (this.isOver) return;
    metrics.pushes.inc({ kind: 'reliable' });
    const push = `${json.slice(0, -1)},"position":${position}}`;
    this.position.beginAt(position);
    this.send('Push', this.handshake.recovery ? withOffset(push, position) : push);
  }

  pushOfTopic(json: string): void {
    if (this.isOver) return;
    metrics.pushes.inc({ kind: this.wire.sendVolatile(json) ? 'volatile' : 'dropped' });
  }

  /** A client that doesn't read its pushes or answers is closed before they fill the memory. */
  send(event: string, json: string): void {
    if (this.wire.pace === 'too-slow') this.closeSlowConsumer();
    else this.wire.send(event, json);
  }

  /** A client that doesn't read its acknowledgements is closed as well. @param write has socket.io send one */
  acknowledge(write: () => void): void {
    if (this.wire.pace === 'too-slow') return this.closeSlowConsumer();
    write();
    this.wire.noteWritten();
  }

  untilRead(): Promise<void> | undefined {
    return this.wire.pace === 'good' ? undefined : this.wire.untilRead();
  }

  closeSlowConsumer(): void {
    this.close('SLOW_CONSUMER', { reconnect: true, retryAfterMs: 1_000 });
  }

  noteDelivered(position: number): void {
    this.position.noteDelivered(position);
  }

  /** The position that the client is to hear of, as frames to be written now, with a ping. */
  takePosition(): Buffer | undefined {
    return this.isOver || this.isDisplaced ? undefined : this.position.takeFrames();
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
    if (this.isOver) return;
    log.debug({ event: 'session.closed', playerId: this.playerId, session: this.sessionId, code });
    metrics.closed.inc({ reason: closeReason(code) });
    this.wire.send('Push', JSON.stringify({ route: 'session.closed', data: { code, ...how } }));
    this.endSession({ code, mayReturn: how.reconnect });
    if (code === 'ABUSE') this.wire.stopReading();
    this.ending.hangUp();
    this.wire.endSoon();
  }

  /** The socket is gone. */
  socketGone(reason: string): void {
    if (!this.isOver) metrics.closed.inc({ reason });
    this.endSession();
    this.ending.tellGone(reason);
  }

  private endSession(how?: { code: string; mayReturn: boolean }): void {
    this.ending.begin(how);
    this.share.close();
    this.feed.close();
  }

  private pushSessionEvent<R extends keyof SessionPushes>(route: R, data: SessionPushes[R]): void {
    if (this.handshake.isSdk) this.wire.send('Push', JSON.stringify({ route, data }));
  }

  /** A client without the SDK learns of a gap by the welcome alone, so that one in the middle ends its transport: it comes back. */
  private beginRecovery({ position, recovered }: FeedStart): void {
    this.position.beginAt(position);
    const { pid } = this.handshake.recovery ?? {};
    if (this.hasBegun) this.close('BUSY', { reconnect: true });
    else nameRecovery(this.socket, (recovered && pid) || recoveryId({ session: this.sessionId, position }));
  }
}
