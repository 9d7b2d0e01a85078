import type { HeldEntity } from './held-entity.js';
import { RoomTicker, type TickerContext } from './room-ticker.js';

/** The rooms of a partition that tick. */
export class RoomTickers {
  private readonly tickers = new Map<HeldEntity, RoomTicker>();
  private isOver = false;

  constructor(private readonly context: TickerContext) {}

  get count(): number {
    return this.tickers.size;
  }

  /** Nothing changes for one that ticks, and for what doesn't tick. */
  start(held: HeldEntity): void {
    const isWanted = held.isRoom && held.live.isBorn && !held.isStopped && !this.isOver;
    if (isWanted && !this.tickers.has(held)) this.tickers.set(held, new RoomTicker(held, this.context));
  }

  stop(held: HeldEntity): void {
    this.tickers.get(held)?.stop();
    this.tickers.delete(held);
  }

  /** And none is started again. */
  stopAll(): void {
    this.isOver = true;
    for (const ticker of this.tickers.values()) ticker.stop();
    this.tickers.clear();
  }
}
