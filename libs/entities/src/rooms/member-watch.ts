import type { SeenSession, SessionWatch } from '@ccgame/sessions';
import type { RoomOf } from '../live/entity-of.js';
import { type LeaveReason, leaveReasonOf } from '../live/leave-reason.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** A room is told that a member is away or back. */
export type TellPresence = (
  held: HeldEntity,
  change: 'away' | 'back',
  playerId: string,
  session: string,
) => void;

/** A member's session is closed for good. @returns false: the member can't leave now */
export type TellEnd = (held: HeldEntity, playerId: string, why: LeaveReason) => boolean;

/** Has rooms hear of their members' sessions: once each, in order, and also of what happened while a room had no owner. */
export class MemberWatch {
  private readonly ends = new Map<HeldEntity, Map<string, () => void>>();

  constructor(
    private readonly sessions: Pick<SessionWatch, 'watchSession'>,
    private readonly tell: TellPresence,
    private readonly tellEnd: TellEnd,
  ) {}

  /** Watches those who are members by now, and no others. */
  follow(held: HeldEntity): void {
    const room = held.live.instance as RoomOf;
    if (!room.away && !room.back && held.kind.mark.leaveAfterMs === undefined) return;
    const watched = this.ends.get(held) ?? new Map<string, () => void>();
    this.ends.set(held, watched);
    const members = new Set(room.members);
    for (const [playerId, end] of watched) {
      if (members.has(playerId)) continue;
      watched.delete(playerId);
      end();
    }
    for (const playerId of members) if (!watched.has(playerId)) this.watch(held, watched, playerId);
  }

  unfollow(held: HeldEntity): void {
    for (const end of this.ends.get(held)?.values() ?? []) end();
    this.ends.delete(held);
  }

  unfollowAll(): void {
    for (const held of [...this.ends.keys()]) this.unfollow(held);
  }

  private watch(held: HeldEntity, watched: Map<string, () => void>, playerId: string): void {
    let isOver = false;
    const end = this.sessions.watchSession(playerId, (seen) => {
      if (!isOver) this.compare(held, playerId, seen);
    });
    watched.set(playerId, () => {
      isOver = true;
      end();
    });
    // It has left at the first look.
    if (!held.live.isMember(playerId)) this.follow(held);
  }

  /** A player who never had a session, as a bot, is not away. */
  private compare(held: HeldEntity, playerId: string, seen: SeenSession | undefined): void {
    const known = held.live.members.presenceOf(playerId);
    if (!seen) {
      if (known && !known.isAway) this.tell(held, 'away', playerId, known.session);
      return;
    }
    const { session, isConnected } = seen;
    const isOther = known !== undefined && known.session !== session;
    // A session that the room never heard of may have been closed before its player was made a member.
    const isEnd = seen.isOver && known && !isOther && held.kind.mark.leaveAfterMs !== undefined;
    // A member who can't leave now is away, and leaves when the time for that is up: nobody tells of the end again.
    if (isEnd && this.tellEnd(held, playerId, leaveReasonOf(seen.why))) return;
    // In another session nothing of the first one is known any more.
    if (isOther && !known.isAway) this.tell(held, 'away', playerId, known.session);
    if (!isConnected) {
      if (!known || (!known.isAway && !isOther)) this.tell(held, 'away', playerId, session);
    } else if (!known || known.isAway || isOther) this.tell(held, 'back', playerId, session);
  }
}
