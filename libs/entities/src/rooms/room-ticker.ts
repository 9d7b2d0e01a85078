import { Logger } from '@nestjs/common';
import { rpcContext, startOwnTrace } from '@ccgame/rpc';
import { metrics } from '../metrics.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** A room whose tick fails so often, one time after the other, is stopped. */
const mostFailures = 3;
const lateMs = 10;
/** One late tick of a server is traced in this time, ms: when all are late, a span for each would make them later still. */
const tracedEveryMs = 1_000;
let tracedAt = -Infinity;

/** The owner of the rooms, as their ticker sees it. */
export interface TickerContext {
  /** False: this server may not be the owner any more, or what the room pushed isn't sent. */
  mayTick(held: HeldEntity): boolean;
  /** Epoch ms on the clock of NATS. */
  now(): number;
  /** The room has something to send, or has ended: that has to be stored first. */
  onOutput(held: HeldEntity): void;
  /** The view of the room may have changed. */
  onView(held: HeldEntity): void;
  /** How late a tick began, and how long it ran, ms. */
  onTick(held: HeldEntity, lateMs: number, tookMs: number): void;
  /** It kept failing. */
  onFailed(held: HeldEntity, reason: string): void;
  /** An alarm of the room is due. */
  onAlarm(held: HeldEntity): void;
  /** A member has been away for too long. */
  onOverdue(held: HeldEntity, playerId: string): void;
}

/** Ticks one room. A late tick is left out and not made up for: a room's clock stands still meanwhile. */
export class RoomTicker {
  private readonly log = new Logger('entities');
  private readonly everyMs: number;
  private timer?: NodeJS.Timeout;
  private dueAt: number;
  private failures = 0;

  constructor(
    private readonly held: HeldEntity,
    private readonly context: TickerContext,
  ) {
    this.everyMs = 1_000 / (held.kind.mark.tickHz ?? 1);
    const now = performance.now();
    // A room that comes from another owner has stood still for long enough; a new one begins with its first interval.
    const isOld = held.live.tick > 0 || held.isTakenOver;
    this.dueAt = isOld ? Math.max(now, held.ticksAgainAt) : now + this.everyMs;
    // Else each tick would have the player and the trace of the call that made the room.
    rpcContext.runOutside(() => this.schedule());
  }

  /** Whether the room may tick, and is to within so many ms. */
  ticksWithin(ms: number): boolean {
    const { held, context, dueAt } = this;
    return !held.isStopped && held.live.isBorn && context.mayTick(held) && dueAt - performance.now() <= ms;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.held.ticksAgainAt = this.dueAt;
  }

  private schedule(): void {
    this.timer = setTimeout(() => this.tick(), Math.max(0, this.dueAt - performance.now()));
  }

  private tick(): void {
    const { held, context } = this;
    if (held.isStopped) return;
    const lateBy = performance.now() - this.dueAt;
    const span = lateBy > lateMs ? this.noteLate(lateBy) : undefined;
    this.dueAt += this.everyMs;
    if (lateBy > this.everyMs) this.dueAt = performance.now() + this.everyMs;
    if (held.live.isBorn && context.mayTick(held)) this.runTick(lateBy);
    span?.end();
    if (!held.isStopped) this.schedule();
  }

  /** @returns a span, open since the tick was due, where it is traced */
  private noteLate(lateBy: number): ReturnType<typeof startOwnTrace> {
    const entity = this.held.kind.mark.contract.name;
    metrics.lateTicks.inc({ entity });
    const now = performance.now();
    if (now - tracedAt < tracedEveryMs) return undefined;
    tracedAt = now;
    return startOwnTrace('late tick', Date.now() - lateBy, () => ({
      'ccgame.entity': entity,
      'ccgame.id': this.held.id,
      'ccgame.late_ms': Math.round(lateBy),
    }));
  }

  private runTick(lateBy: number): void {
    const { held, context } = this;
    const before = held.live.outbox.added;
    const startedAt = performance.now();
    try {
      held.live.runTick(context.now());
      context.onView(held);
      this.failures = 0;
    } catch (error) {
      this.tickFailed(error);
    }
    const entity = held.kind.mark.contract.name;
    const tookMs = performance.now() - startedAt;
    metrics.tickSeconds.observe({ entity }, tookMs / 1_000);
    context.onTick(held, lateBy, tookMs);
    if (held.isStopped) return;
    held.markDirty();
    if (held.live.outbox.added > before || held.live.hasEnded) context.onOutput(held);
    if ((held.live.nextAlarmAt ?? Infinity) <= held.live.time) context.onAlarm(held);
    for (const playerId of held.live.overdueMembers()) context.onOverdue(held, playerId);
  }

  private tickFailed(error: unknown): void {
    const { held } = this;
    const entity = held.kind.mark.contract.name;
    this.failures += 1;
    this.log.error({ event: 'room.tick-failed', entity, id: held.id, tick: held.live.tick, err: error });
    if (this.failures >= mostFailures) this.context.onFailed(held, `its tick failed ${mostFailures} times`);
  }
}
