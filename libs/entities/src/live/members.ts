import { EntityErrors } from '../errors.js';
import type { RoomOf } from './entity-of.js';
import type { Checkpoint, Presence } from './records.js';

/** A member, and the session that went or came. */
export type PresenceChange = [playerId: string, session: string];

/** A room's members in the order in which they joined, and what the room was told of their sessions. */
export class Members {
  readonly list: string[];
  private readonly presence: Map<string, Presence>;

  constructor({ members, presence }: Pick<Checkpoint, 'members' | 'presence'>) {
    this.list = [...members];
    this.presence = new Map(Object.entries(presence ?? {}));
  }

  has(playerId: string): boolean {
    return this.list.includes(playerId);
  }

  presenceOf(playerId: string): Presence | undefined {
    return this.presence.get(playerId);
  }

  isAway(playerId: string): boolean {
    return this.presence.get(playerId)?.isAway === true;
  }

  clearAll(): void {
    this.list.length = 0;
    this.presence.clear();
  }

  /** Nothing changes for one who is a member already. @throws RpcError ROOM_FULL; what the room's `join` throws */
  addMember(room: RoomOf, playerId: string, capacity = Infinity): void {
    if (this.has(playerId)) return;
    if (this.list.length >= capacity) throw EntityErrors.ROOM_FULL({ details: { capacity } });
    this.list.push(playerId);
    try {
      room.join?.(playerId);
    } catch (error) {
      this.list.pop();
      throw error;
    }
  }

  removeMember(room: RoomOf, playerId: string): void {
    const place = this.list.indexOf(playerId);
    if (place < 0) return;
    this.list.splice(place, 1);
    this.presence.delete(playerId);
    room.leave?.(playerId);
  }

  /** The room is told of what is another way than it knows. */
  changePresence(room: RoomOf, change: 'away' | 'back', [playerId, session]: PresenceChange): void {
    if (!this.has(playerId)) return;
    const wasAway = this.isAway(playerId);
    const isAway = change === 'away';
    this.presence.set(playerId, { session, isAway });
    if (isAway && !wasAway) room.away?.(playerId);
    if (!isAway && wasAway) room.back?.(playerId);
  }

  presenceRecord(): Checkpoint['presence'] {
    return this.presence.size > 0 ? Object.fromEntries(this.presence) : undefined;
  }
}
