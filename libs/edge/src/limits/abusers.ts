import { Injectable } from '@nestjs/common';
import { GameErrors } from '@ccgame/protocol';
import { codeOf, httpStatusOf } from '@ccgame/rpc';
import type { PlayerSession } from '../gateway/player-session.js';

const outForMs = 10_000;

/** Players who were thrown out: one who comes back too soon is not let in, and costs a handshake at most. */
@Injectable()
export class Abusers {
  /** By player, until when by `performance.now()`; all stay out equally long, so the oldest come first. */
  private readonly until = new Map<string, number>();

  /**
   * Counts a message that was refused for this, where that is the player's own fault: not a server's that hangs or has failed, nor an
   * operator's who retired the version that is played.
   */
  recordRefusal(session: PlayerSession, error: unknown): void {
    const code = codeOf(error);
    if (httpStatusOf(code) < 500 && code !== 'VERSION_GONE') this.recordOffence(session);
  }

  /** A player with too many is thrown out. */
  recordOffence(session: PlayerSession): void {
    if (!session.limits.spendRefusal()) this.throwOut(session);
  }

  /** @throws RpcError RATE_LIMITED with the time that is left */
  refuseBanned(playerId: string): void {
    const leftMs = (this.until.get(playerId) ?? 0) - performance.now();
    if (leftMs > 0) throw GameErrors.RATE_LIMITED({ retryAfterMs: Math.ceil(leftMs) });
  }

  /** Closes the session, and keeps its player out for a while. */
  throwOut(session: PlayerSession): void {
    const now = performance.now();
    for (const [playerId, until] of this.until) {
      if (until > now) break;
      this.until.delete(playerId);
    }
    this.until.delete(session.playerId);
    this.until.set(session.playerId, now + outForMs);
    session.close('ABUSE', { reconnect: true, retryAfterMs: outForMs });
  }
}
