import { EntityErrors } from '../errors.js';

/** Seats of a room that are kept for players who have not joined yet, each until some moment of the room's time. */
export class ReservedSeats {
  private readonly until: Map<string, number>;

  constructor(record: Record<string, number> = {}) {
    this.until = new Map(Object.entries(record));
  }

  /** Whether there are so many seats that are neither taken nor kept for others. */
  hasRoom(players: readonly string[], now: number, free: number): boolean {
    return players.length + this.countOthers(players, now) <= free;
  }

  /** For all of them or none; for one who has a seat already this is the new time. @throws RpcError ROOM_FULL */
  keepSeats(players: readonly string[], until: number, now: number, free: number): void {
    this.dropExpired(now);
    // To give a seat back that has run out is no mistake, also in a room that is full by now.
    if (until > now && !this.hasRoom(players, now, free)) throw EntityErrors.ROOM_FULL({ details: { free } });
    for (const playerId of players) this.until.set(playerId, until);
    this.dropExpired(now);
  }

  /** The player has a seat as a member now. */
  forgetSeat(playerId: string, now: number): void {
    this.until.delete(playerId);
    this.dropExpired(now);
  }

  hasSeat(playerId: string): boolean {
    return this.until.has(playerId);
  }

  /** The players for whom seats are kept. */
  playersAt(now: number): string[] {
    return [...this.until].flatMap(([playerId, until]) => (until > now ? playerId : []));
  }

  clearAll(): void {
    this.until.clear();
  }

  countAt(now: number): number {
    return this.countOthers([], now);
  }

  /** Undefined where there are none. */
  toRecord(): Record<string, number> | undefined {
    return this.until.size > 0 ? Object.fromEntries(this.until) : undefined;
  }

  private countOthers(players: readonly string[], now: number): number {
    let count = 0;
    for (const [playerId, until] of this.until) if (until > now && !players.includes(playerId)) count += 1;
    return count;
  }

  private dropExpired(now: number): void {
    for (const [playerId, until] of this.until) if (until <= now) this.until.delete(playerId);
  }
}
