import { EntityErrors } from '../errors.js';
import type { RoomOf } from './entity-of.js';
import { type Leaving, leavingIn } from './leave-reason.js';
import type { Checkpoint, Presence, StoredInput } from './records.js';
import { ReservedSeats } from './reserved-seats.js';
import { synchronous } from './synchronous.js';

/** A member, and the session that went or came. */
export type PresenceChange = [playerId: string, session: string];

/** The players for whom seats are kept, and for how long, ms of the room's time; 0: not any more. */
export interface SeatRequest {
  players: string[];
  forMs: number;
}

/** Bytes of a member beside the id, which is stored twice: a room is told of the session, and since when it is away. */
const presenceBytes = 80;

/** Bytes that a member, or a seat that is kept for one, comes to in a room as it is stored. */
export const memberBytes = (playerId: string): number => 2 * Buffer.byteLength(playerId) + presenceBytes;

/** A room's members in the order in which they joined, and what the room was told of their sessions. */
export class Members {
  private joined: readonly string[] = [];
  private readonly presence: Map<string, Presence>;
  private readonly seats: ReservedSeats;
  private bytesOfList: number;

  /** @param capacity how many members the room takes */
  constructor(
    { members, presence, seats, now }: Pick<Checkpoint, 'members' | 'presence' | 'seats' | 'now'>,
    private readonly capacity = Infinity,
  ) {
    this.list = members;
    this.bytesOfList = members.reduce((sum, playerId) => sum + memberBytes(playerId), 0);
    this.seats = new ReservedSeats(seats);
    // Servers before `leaveAfterMs` stored no `since`.
    const known = Object.entries(presence ?? {}).map(([playerId, one]): [string, Presence] => [
      playerId,
      one.isAway ? { since: now, ...one } : one,
    ]);
    this.presence = new Map(known);
  }

  /** Never changed, as the room's code may keep it in the state: each join and leave makes another one. */
  get list(): readonly string[] {
    return this.joined;
  }

  private set list(members: readonly string[]) {
    this.joined = Object.freeze([...members]);
  }

  /** @returns false: the input isn't about members @throws RpcError ROOM_FULL; what the room's methods throw */
  applyInput(room: RoomOf, b: StoredInput['b'], d: unknown, now: number): boolean {
    if (b === 'join') this.addMember(room, d as string, now);
    else if (b === 'leave') this.removeMember(room, leavingIn(d as string));
    else if (b === 'reserve') this.reserveSeats(JSON.parse(d as string) as SeatRequest, now);
    else if (b === 'away' || b === 'back') this.changePresence(room, b, d as PresenceChange, now);
    else return false;
    return true;
  }

  has(playerId: string): boolean {
    return this.list.includes(playerId);
  }

  /** The state of a member's session, as the room was told last. */
  presenceOf(playerId: string): Presence | undefined {
    return this.presence.get(playerId);
  }

  isAway(playerId: string): boolean {
    return this.presence.get(playerId)?.isAway === true;
  }

  clearAll(): void {
    this.list = [];
    this.bytesOfList = 0;
    this.presence.clear();
    this.seats.clearAll();
  }

  /** Whether the player is a member, or has a seat. */
  hasPlace(playerId: string): boolean {
    return this.has(playerId) || this.seats.hasSeat(playerId);
  }

  /** Bytes that all members and seats come to at most, as they are stored. */
  bytesAt(now: number): number {
    return this.seats.playersAt(now).reduce((sum, playerId) => sum + memberBytes(playerId), this.bytesOfList);
  }

  /** Bytes that they have as they are stored now. */
  countBytes(): number {
    return Buffer.byteLength(JSON.stringify([this.list, this.presenceRecord(), this.seatRecord()]));
  }

  /** Members, and seats that are kept for others. */
  countTaken(now: number): number {
    return this.list.length + this.seats.countAt(now);
  }

  /** Players who are members need none. @throws RpcError ROOM_FULL */
  private reserveSeats({ players, forMs }: SeatRequest, now: number): void {
    const wanted = [...new Set(players)].filter((playerId) => !this.has(playerId));
    this.seats.keepSeats(wanted, now + forMs, now, this.capacity - this.list.length);
  }

  seatRecord(): Checkpoint['seats'] {
    return this.seats.toRecord();
  }

  /** Nothing changes for one who is a member already. @throws RpcError ROOM_FULL; what the room's `join` throws */
  private addMember(room: RoomOf, playerId: string, now: number): void {
    if (this.has(playerId)) return;
    const { capacity } = this;
    if (!this.seats.hasRoom([playerId], now, capacity - this.list.length)) {
      throw EntityErrors.ROOM_FULL({ details: { capacity } });
    }
    const before = this.list;
    this.list = [...before, playerId];
    try {
      synchronous('join', room.join?.(playerId));
    } catch (error) {
      this.list = before;
      throw error;
    }
    this.bytesOfList += memberBytes(playerId);
    this.seats.forgetSeat(playerId, now);
  }

  private removeMember(room: RoomOf, { playerId, why }: Leaving): void {
    if (!this.has(playerId)) return;
    this.list = this.list.filter((member) => member !== playerId);
    this.bytesOfList -= memberBytes(playerId);
    this.presence.delete(playerId);
    synchronous('leave', room.leave?.(playerId, why));
  }

  /** Those who have been away for so long, ms of the room's time. */
  awayFor(ms: number, now: number): string[] {
    const found: string[] = [];
    for (const [playerId, { since = now }] of this.presence) if (now - since >= ms) found.push(playerId);
    return found;
  }

  /** The room is told of what is another way than it knows. */
  private changePresence(
    room: RoomOf,
    change: 'away' | 'back',
    [playerId, session]: PresenceChange,
    now: number,
  ): void {
    if (!this.has(playerId)) return;
    const wasAway = this.isAway(playerId);
    const isAway = change === 'away';
    const since = this.presenceOf(playerId)?.since ?? now;
    this.presence.set(playerId, { session, isAway, ...(isAway && { since }) });
    if (isAway && !wasAway) synchronous('away', room.away?.(playerId));
    if (!isAway && wasAway) synchronous('back', room.back?.(playerId));
  }

  presenceRecord(): Checkpoint['presence'] {
    return this.presence.size > 0 ? Object.fromEntries(this.presence) : undefined;
  }
}
