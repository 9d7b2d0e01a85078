import type { Ticket } from './ticket.js';

/** Small enough to shift on insertion, large enough that there are few. */
const chunkSize = 256;

/**
 * Tickets ordered by skill, in chunks: inserting and removing shift one chunk, and neighbours are next to each other.
 */
export class SkillIndex {
  private readonly chunks: Ticket[][] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(ticket: Ticket): void {
    this.count += 1;
    const at = this.chunkOf(ticket);
    const chunk = this.chunks[at];
    if (!chunk) return void this.chunks.push([ticket]);
    chunk.splice(placeIn(chunk, ticket), 0, ticket);
    if (chunk.length > chunkSize * 2) this.chunks.splice(at + 1, 0, chunk.splice(chunkSize));
  }

  remove(ticket: Ticket): void {
    const at = this.chunkOf(ticket);
    const chunk = this.chunks[at];
    const place = chunk ? placeIn(chunk, ticket) : 0;
    if (!chunk || chunk[place] !== ticket) return;
    chunk.splice(place, 1);
    this.count -= 1;
    if (chunk.length === 0) this.chunks.splice(at, 1);
  }

  /** The other tickets, the nearest in skill first, as far as `reach`. */
  *near(ticket: Ticket, reach: number): Generator<Ticket> {
    const at = this.chunkOf(ticket);
    const place = placeIn(this.chunks[at] ?? [], ticket);
    const down = this.walk(at, place, -1);
    const up = this.walk(at, place, 1);
    let [below, above] = [down.next(), up.next()];
    while (!below.done || !above.done) {
      const lower = below.done ? Infinity : ticket.skill - below.value.skill;
      const higher = above.done ? Infinity : above.value.skill - ticket.skill;
      if (Math.min(lower, higher) > reach) return;
      if (lower <= higher) {
        yield below.value as Ticket;
        below = down.next();
      } else {
        yield above.value as Ticket;
        above = up.next();
      }
    }
  }

  private *walk(chunkAt: number, place: number, step: 1 | -1): Generator<Ticket, undefined> {
    let [at, next] = [chunkAt, place + step];
    for (;;) {
      const chunk = this.chunks[at];
      if (!chunk) return undefined;
      const ticket = chunk[next];
      if (ticket) {
        yield ticket;
        next += step;
      } else {
        at += step;
        next = step > 0 ? 0 : (this.chunks[at]?.length ?? 0) - 1;
      }
    }
  }

  /** The chunk that holds the ticket, or is to hold it. */
  private chunkOf(ticket: Ticket): number {
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.chunks[middle]?.at(-1);
      if (last && compare(last, ticket) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeIn(chunk: Ticket[], ticket: Ticket): number {
  let [low, high] = [0, chunk.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(chunk[middle], ticket) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By skill; of equal skill by id, so that each ticket has one place. */
function compare(a: Ticket, b: Ticket): number {
  return a.skill - b.skill || (a.ticketId < b.ticketId ? -1 : a.ticketId > b.ticketId ? 1 : 0);
}
