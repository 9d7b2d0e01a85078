import type { SeenSession } from '../claims/seen-session.js';

/** An event of a player's session. */
export interface SessionEvent {
  /**
   * `opened`: a new session. `resumed`: it goes on with another socket, and was never without one. `away`: it has none any more.
   * `back`: it has one again. `closed`: nobody can go on with it.
   */
  kind: 'opened' | 'resumed' | 'away' | 'back' | 'closed';
  playerId: string;
  session: string;
  /** The version that answers the player. */
  version: string;
  /**
   * With `away`: a close's code (`SLOW_CONSUMER`), socket.io's word (`transport close`) or `connector-gone`. With `closed`: the code of a
   * close for good (`BANNED`, `REMOVED`, the game's own), `replaced` by another session, or `expired` after the player stayed away.
   */
  why?: string;
}

type Seen = SeenSession | undefined;

/** The events between two looks, in order. @param before undefined: nothing was known */
export function eventsBetween(playerId: string, before: Seen, now: Seen): SessionEvent[] {
  const event = (kind: SessionEvent['kind'], seen: SeenSession, why?: string): SessionEvent => {
    const { session, version } = seen;
    return { kind, playerId, session, version, ...(why !== undefined && { why }) };
  };
  const begun = (seen: Seen): SessionEvent[] => {
    if (!seen || seen.isOver) return [];
    const opened = event('opened', seen);
    return seen.isConnected ? [opened] : [opened, event('away', seen, seen.why)];
  };
  if (!before || before.isOver) return begun(now);
  if (!now) return [event('closed', before, 'expired')];
  if (now.session !== before.session) return [event('closed', before, 'replaced'), ...begun(now)];
  if (now.isOver) return [event('closed', now, now.why)];
  if (!now.isConnected) return before.isConnected ? [event('away', now, now.why)] : [];
  if (!before.isConnected) return [event('back', now)];
  return now.socket === before.socket ? [] : [event('resumed', now)];
}
