import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Sanctions } from '@ccgame/sessions';
import { ConnectedSessions } from '../gateway/connected-sessions.js';
import type { PlayerSession } from '../gateway/player-session.js';

/** Lets an operator's bans, mutes and kicks come into force on this connector's sockets. */
@Injectable()
export class EnforceSanctions implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Logger('sanctions');
  private readonly changed = new Set<string>();
  private turn?: NodeJS.Immediate;
  private endListening?: () => void;

  constructor(
    private readonly sanctions: Sanctions,
    private readonly sessions: ConnectedSessions,
  ) {}

  onModuleInit(): void {
    this.endListening = this.sanctions.onChange((playerId) => {
      this.changed.add(playerId);
      // Many may be written at once; all sessions are looked through for them once.
      this.turn ??= setImmediate(() => this.enforceChanges());
    });
  }

  onApplicationShutdown(): void {
    this.endListening?.();
    if (this.turn) clearImmediate(this.turn);
  }

  /** Closes a session that may not be, and notes whether its player is muted. Asked for each new one, and after a change. */
  enforceOn(session: PlayerSession): void {
    const { playerId, sessionId } = session;
    session.mute = this.sanctions.sanctionOf('mute', playerId);
    const ban = this.sanctions.sanctionOf('ban', playerId);
    const kickReason = this.sanctions.kickOf(sessionId);
    if (!ban && kickReason === undefined) return;
    const code = ban ? 'BANNED' : 'REMOVED';
    this.log.log({ event: 'session.removed', playerId, session: sessionId, code });
    const { reason = kickReason, until } = ban ?? {};
    session.close(code, { reconnect: false, reason, ...(until !== undefined && { until }) });
  }

  private enforceChanges(): void {
    this.turn = undefined;
    for (const session of this.sessions.listSessions()) {
      if (this.changed.has(session.playerId)) this.enforceOn(session);
    }
    this.changed.clear();
  }
}
