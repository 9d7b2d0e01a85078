import type { HeldEntity } from '../memory/held-entity.js';
import type { MemberWatch } from './member-watch.js';
import { RoomTicker, type TickerContext } from './room-ticker.js';

/** The rooms of a partition that tick, and hear of their members. */
export class RoomTickers {
  private readonly tickers = new Map<HeldEntity, RoomTicker>();
  private isOver = false;

  constructor(
    private readonly context: TickerContext,
    private readonly members: MemberWatch,
  ) {}

  get count(): number {
    return this.tickers.size;
  }

  /** Nothing changes for one that ticks, and for what doesn't tick. */
  start(held: HeldEntity): void {
    const isWanted = held.isRoom && held.live.isBorn && !held.isStopped && !this.isOver;
    if (!isWanted || this.tickers.has(held)) return;
    this.tickers.set(held, new RoomTicker(held, this.context));
    this.members.follow(held);
  }

  /** Somebody joined or left. */
  membersChanged(held: HeldEntity): void {
    if (this.tickers.has(held)) this.members.follow(held);
  }

  stop(held: HeldEntity): void {
    this.members.unfollow(held);
    this.tickers.get(held)?.stop();
    this.tickers.delete(held);
  }

  /** And none is started again. */
  stopAll(): void {
    this.isOver = true;
    for (const ticker of this.tickers.values()) ticker.stop();
    this.tickers.clear();
    this.members.unfollowAll();
  }
}
