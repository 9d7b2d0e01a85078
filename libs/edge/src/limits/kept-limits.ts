import type { SessionLimits } from './session-limits.js';

/** Some 30 MB; the players who left longest ago are forgotten when more leave in the middle of something. */
const mostKept = 50_000;

/** The limits of players who left before theirs were full again: a player who comes back has what was left, and not all anew. */
export class KeptLimits {
  /** The player who left longest ago comes first. */
  private readonly byPlayer = new Map<string, SessionLimits>();

  /** Undefined: they are full. */
  takeLimits(playerId: string): SessionLimits | undefined {
    const limits = this.byPlayer.get(playerId);
    this.byPlayer.delete(playerId);
    return limits;
  }

  keepLimits(playerId: string, limits: SessionLimits): void {
    if (limits.areFull) return;
    this.byPlayer.delete(playerId);
    this.byPlayer.set(playerId, limits);
    for (const [oldest, one] of this.byPlayer) {
      if (this.byPlayer.size <= mostKept && !one.areFull) return;
      this.byPlayer.delete(oldest);
    }
  }

  get keptPlayers(): number {
    return this.byPlayer.size;
  }
}
