import type { ArenaView } from '../src/arena-contracts.js';
import type { Disc } from '../src/rules.js';

/** The page draws the room as it was so long ago, ms: so two states are there to draw between, also when one is late. */
const behindMs = 120;
const tickMs = 50;
const kept = 10;

/** The states of a room, drawn smoothly between two of them by the time of their ticks. */
export class ViewBuffer {
  /** The longest time between two states, ms: all that a player could feel of a server that was killed or moved. */
  longestGapMs = 0;
  private views: ArenaView[] = [];
  private lastAt?: number;
  /** The time of the page at which tick 0 would be drawn: from the earliest arrival, and followed slowly. */
  private zeroAt?: number;

  /** @param at when it came, ms of the page */
  addView(view: ArenaView, at: number): void {
    const newest = this.views.at(-1);
    if (newest && view.tick <= newest.tick) return;
    this.views = [...this.views.slice(1 - kept), view];
    if (this.lastAt !== undefined) this.longestGapMs = Math.max(this.longestGapMs, at - this.lastAt);
    this.lastAt = at;
    const zero = at - view.tick * tickMs;
    // A room that stood still for a moment is later for good.
    const drift = zero - (this.zeroAt ?? zero);
    this.zeroAt = Math.abs(drift) > 500 ? zero : (this.zeroAt ?? zero) + drift * 0.1;
  }

  /** The state to be drawn at a time of the page. */
  viewAt(at: number): ArenaView | undefined {
    const tick = (at - behindMs - (this.zeroAt ?? 0)) / tickMs;
    const after = this.views.find((view) => view.tick >= tick);
    const before = this.views.findLast((view) => view.tick <= tick);
    if (!after || !before) return before ? this.views.at(-1) : after;
    const share = after === before ? 0 : (tick - before.tick) / (after.tick - before.tick);
    return { ...after, discs: after.discs.map((disc, seat) => between(before.discs[seat], disc, share)) };
  }

  discOf(playerId: string): Disc | undefined {
    return this.views.at(-1)?.discs.find(({ id }) => id === playerId);
  }
}

/** A disc that jumped, through a wall or to a corner, isn't drawn on its way. */
function between(from: Disc | undefined, to: Disc, share: number): Disc {
  if (!from || Math.hypot(to.x - from.x, to.y - from.y) > 200) return to;
  return { ...to, x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}
