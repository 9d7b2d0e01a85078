import type { HeldEntity } from '../memory/held-entity.js';
import type { MemberWatch } from './member-watch.js';
import { RoomTicker, type TickerContext } from './room-ticker.js';

/** A tick is waited for no longer than this, ms: rooms that tick more rarely are missed by nobody so soon. */
const tickWithinMs = 100;

/** The rooms of a partition that tick, and hear of their members. */
export class RoomTickers {
  private readonly tickers = new Map<HeldEntity, RoomTicker>();
  private readonly context: TickerContext;
  private readonly listeners = new Set<(held: HeldEntity) => void>();
  private isOver = false;

  constructor(
    context: TickerContext,
    private readonly members: MemberWatch,
  ) {
    const onTick: TickerContext['onTick'] = (held, ...times) => {
      context.onTick(held, ...times);
      for (const listener of this.listeners) listener(held);
    };
    this.context = { ...context, onTick };
  }

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

  /** Resolves after the next tick of a room, or of any, at once where none ticks soon: from then on it can stand still before it is missed. */
  async untilTicked(room?: HeldEntity): Promise<void> {
    const tickers = room ? [this.tickers.get(room)] : [...this.tickers.values()];
    if (!tickers.some((ticker) => ticker?.ticksWithin(tickWithinMs))) return;
    await new Promise<void>((resolve) => {
      const listener = (held: HeldEntity): void =>
        room === undefined || held === room ? stopWaiting() : undefined;
      const stopWaiting = (): void => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        resolve();
      };
      const timer = setTimeout(stopWaiting, tickWithinMs);
      this.listeners.add(listener);
    });
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
