import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { NatsHealth } from '@ccgame/nats';
import { collectAtScrape } from '@ccgame/server';
import { Delivery, type Displacement, SessionClaims, sessionsBucket } from '@ccgame/sessions';
import { KeptLimits } from '../limits/kept-limits.js';
import { metrics } from '../metrics.js';
import type { PlayerSession } from './player-session.js';
import { WaitingClient } from './waiting-client.js';

/** Each record is looked at so often: a take-over may not have been told. One that fails is repeated every five seconds. */
const lookEveryMs = 300_000;
/**
 * After NATS was away all records are looked at within this time: sessions that were taken over meanwhile weren't told. So they are
 * after their bucket was deleted: a player without a record counts as away, and is reached by no push to everyone.
 */
const lookAgainMs = 5_000;
const tickMs = 1_000;
/** A socket that was moved from stays for answers that are still to come. */
const movedLingerMs = 10_000;
const movedLeastMs = 1_000;
/** A take-over may be told before its socket's handshake has heard that it has the session. */
const earlyForMs = 10_000;
const mostEarly = 10_000;

/** All players on this connector. */
@Injectable()
export class ConnectedSessions implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('sessions');
  private readonly bySocket = new Map<string, PlayerSession>();
  /** The newest of each player. */
  private readonly byPlayer = new Map<string, PlayerSession>();
  private readonly leaving = new Map<PlayerSession, number>();
  private readonly keptLimits = new KeptLimits();
  /** Take-overs of sockets that have no session here, or none any more; by socket, the oldest first. */
  private readonly early = new Map<string, { how: Displacement; at: number }>();
  private endings: (() => void)[] = [];
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly claims: SessionClaims,
    private readonly delivery: Delivery,
    private readonly health: NatsHealth,
  ) {}

  async onModuleInit(): Promise<void> {
    collectAtScrape(metrics.versionSessions, (sessions) => {
      sessions.reset();
      for (const [version, count] of this.countByVersion()) sessions.set({ session_version: version }, count);
    });
    this.endings = [
      this.health.onChange((connected) => connected && this.lookAtAll()),
      this.health.deletions.onDeleted(`KV_${sessionsBucket}`, () => this.lookAtAll()),
    ];
    this.claims.whenDisplaced((_playerId, socket, how) => {
      const session = this.bySocket.get(socket);
      if (session) this.displaceSession(session, how);
      else if (this.early.size < mostEarly) this.early.set(socket, { how, at: performance.now() });
    });
    this.claims.whenLeaseLost(() => this.lookAtAll());
    this.claims.whenAsked((socket) => this.isClientThere(socket));
    this.timer = setInterval(() => this.tick(), tickMs);
    await this.delivery.start();
  }

  get size(): number {
    return this.bySocket.size;
  }

  listSessions(): IterableIterator<PlayerSession> {
    return this.bySocket.values();
  }

  countByVersion(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { version, isDisplaced } of this.bySocket.values()) {
      // A player who moved is on another socket; this one lingers for answers that are still to come.
      if (!isDisplaced) counts.set(version, (counts.get(version) ?? 0) + 1);
    }
    return counts;
  }

  /** The one that the player's messages come by. */
  sessionOf(playerId: string): PlayerSession | undefined {
    const session = this.byPlayer.get(playerId);
    return session?.isDisplaced ? undefined : session;
  }

  addSession(session: PlayerSession): void {
    const { playerId } = session;
    const limits = this.byPlayer.get(playerId)?.limits ?? this.keptLimits.takeLimits(playerId);
    if (limits) session.limits = limits;
    this.bySocket.set(session.socket.id, session);
    this.byPlayer.set(playerId, session);
    metrics.sessions.set(this.bySocket.size);
    // Spread, so that the players of one second are not looked at in one second.
    const lookInMs = this.claims.isLeased(session.claim) ? lookEveryMs * (0.75 + Math.random() / 4) : 0;
    session.lookAt = performance.now() + lookInMs;
    const displaced = this.early.get(session.socket.id);
    if (displaced) this.displaceSession(session, displaced.how);
  }

  /** The socket is gone. */
  removeSession(session: PlayerSession, reason: string): void {
    session.socketGone(reason);
    this.leaving.delete(session);
    if (this.byPlayer.get(session.playerId) === session) {
      this.byPlayer.delete(session.playerId);
      this.keptLimits.keepLimits(session.playerId, session.limits);
    }
    if (!this.bySocket.delete(session.socket.id)) return;
    metrics.sessions.set(this.bySocket.size);
    if (session.isDisplaced) return;
    void this.claims.releaseClaim(session.playerId, session.claim, session.ending.endOf(reason));
  }

  onApplicationShutdown(): void {
    for (const end of this.endings) end();
    clearInterval(this.timer);
  }

  private displaceSession(session: PlayerSession, how: Displacement): void {
    session.stopPushes();
    if (how === 'kicked') {
      this.log.debug({ event: 'session.kicked', playerId: session.playerId, session: session.sessionId });
      session.close('KICKED', { reconnect: false });
    } else if (how === 'replaced') session.close('DUPLICATE', { reconnect: false });
    else this.leaving.set(session, performance.now());
  }

  private tick(): void {
    const now = performance.now();
    for (const [session, since] of this.leaving) {
      const isDone = session.inFlight === 0 && now - since > movedLeastMs;
      if (isDone || now - since > movedLingerMs) session.close('MOVED', { reconnect: true });
    }
    for (const [socket, { at }] of this.early) {
      if (now - at < earlyForMs) break;
      this.early.delete(socket);
    }
    const due: PlayerSession[] = [];
    // An iterator makes an object of each of thousands.
    this.bySocket.forEach((session) => {
      if (session.tokenEndsAt < now) session.close('TOKEN_EXPIRED', { reconnect: true });
      if (session.lookAt > now || session.isDisplaced) return;
      session.lookAt = now + lookEveryMs;
      due.push(session);
    });
    if (due.length > 0) void this.lookAt(due);
  }

  private async isClientThere(socket: string): Promise<boolean> {
    const session = this.bySocket.get(socket);
    return session !== undefined && !session.isOver && new WaitingClient(session.socket).isThere(true);
  }

  private lookAtAll(): void {
    const now = performance.now();
    for (const session of this.bySocket.values()) session.lookAt = now + Math.random() * lookAgainMs;
  }

  /** Writes again what is not as it should be. */
  private async lookAt(due: readonly PlayerSession[]): Promise<void> {
    try {
      for (const session of await this.claims.findStale(due)) void this.renewClaim(session);
    } catch {
      for (const session of due) session.lookAt = performance.now() + lookAgainMs;
    }
  }

  private async renewClaim(session: PlayerSession): Promise<void> {
    try {
      const how = await this.claims.renewClaim(session.playerId, session.claim);
      if (how && !session.isDisplaced) this.displaceSession(session, how);
    } catch {
      // NATS did not answer.
      session.lookAt = performance.now() + lookAgainMs;
    }
  }
}
