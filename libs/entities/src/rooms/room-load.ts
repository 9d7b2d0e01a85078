import { Logger } from '@nestjs/common';
import { metrics } from '../metrics.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** The time over which a room's load and the lateness of ticks are averaged, ms. */
const windowMs = 2_000;
/** A server whose ticks were late for so many windows takes no new rooms. */
const mostLateWindows = 2;
/** With fewer ticks in a window, it says nothing. */
const fewestTicks = 40;
/** A tick that begins so late, of the time between two, is one that the server couldn't keep up with. */
const latePart = 0.5;
/** Rooms over their budget that are named in the metric: those that take the most. */
const mostNamed = 10;

interface Spent {
  ticks: number;
  ms: number;
}

/** The load of a server by its rooms: which are over their budget, and whether it has room for more. */
export class RoomLoad {
  /** More than half of the ticks begin late, and have for some time: new rooms are to be made elsewhere. */
  isOverloaded = false;
  private readonly log = new Logger('entities');
  private spent = new Map<HeldEntity, Spent>();
  private named = new Set<HeldEntity>();
  private ticks = 0;
  private lateTicks = 0;
  private lateWindows = 0;
  private readonly timer = setInterval(() => this.closeWindow(), windowMs).unref();

  /** @param lateMs after it was due @param tookMs until it was done */
  noteTick(held: HeldEntity, lateMs: number, tookMs: number): void {
    this.ticks += 1;
    if (lateMs > latePart * intervalOf(held)) this.lateTicks += 1;
    this.spend(held, tookMs).ticks += 1;
  }

  /** Counts the time that a room's handler took. */
  noteCall(held: HeldEntity, tookMs: number): void {
    if (held.isRoom) this.spend(held, tookMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private spend(held: HeldEntity, ms: number): Spent {
    const spent = this.spent.get(held) ?? { ticks: 0, ms: 0 };
    spent.ms += ms;
    this.spent.set(held, spent);
    return spent;
  }

  private closeWindow(): void {
    const isLate = this.ticks >= fewestTicks && this.lateTicks > this.ticks / 2;
    this.lateWindows = isLate ? this.lateWindows + 1 : 0;
    const isOverloaded = this.lateWindows >= mostLateWindows;
    if (isOverloaded !== this.isOverloaded)
      this.log.warn({ event: isOverloaded ? 'rooms.overloaded' : 'rooms.relieved' });
    this.isOverloaded = isOverloaded;
    metrics.overloaded.set(isOverloaded ? 1 : 0);
    this.nameOverBudget();
    this.spent = new Map();
    [this.ticks, this.lateTicks] = [0, 0];
  }

  private nameOverBudget(): void {
    const over = [...this.spent]
      .map(([held, { ticks, ms }]) => ({ held, ms: ms / Math.max(1, ticks) }))
      .filter(({ held, ms }) => ms > budgetOf(held))
      .sort((one, other) => other.ms - one.ms)
      .slice(0, mostNamed);
    for (const held of this.named) metrics.overBudget.remove(labelsOf(held));
    for (const { held, ms } of over) {
      metrics.overBudget.set(labelsOf(held), ms / 1_000);
      if (this.named.has(held)) continue;
      this.log.warn({ event: 'room.over-budget', ...labelsOf(held), ms, budgetMs: budgetOf(held) });
    }
    this.named = new Set(over.map(({ held }) => held));
  }
}

const intervalOf = ({ kind }: HeldEntity): number => 1_000 / (kind.mark.tickHz ?? 1);
const budgetOf = (held: HeldEntity): number => held.kind.mark.tickBudgetMs ?? intervalOf(held) / 10;
const labelsOf = ({ kind, id }: HeldEntity): { entity: string; room: string } => ({
  entity: kind.mark.contract.name,
  room: id,
});
