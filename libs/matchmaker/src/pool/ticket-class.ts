import type { Entry, TicketClass } from './entry.js';
import type { Mode } from './rules/mode.js';
import { OrderedChunks } from './search/ordered-chunks.js';
import type { Ticket } from './ticket.js';

const bySkill = ({ skill }: Entry): number => skill;

/**
 * The classes of a pool, and who is in them.
 *
 * Those that have a bit stay: what a sleeper has enough of is told by it. The others stay for as long as somebody is in them:
 * players choose their roles, and each search looks at every class.
 */
export class TicketClasses {
  readonly all: TicketClass[] = [];
  private readonly byKey = new Map<string, TicketClass>();
  private readonly roles: string[];

  constructor(mode: Mode) {
    this.roles = Object.keys(mode.roles?.perTeam ?? {});
  }

  classOf(ticket: Ticket): TicketClass {
    const masks = masksOf(this.roles, ticket).sort((a, b) => b - a);
    const key = this.roles.length > 0 ? masks.join() : String(masks.length);
    return this.byKey.get(key) ?? this.openClass(key, masks);
  }

  leaveClass(entry: Entry): void {
    const { class: left } = entry;
    left.index.removeEntry(entry);
    if (left.bit !== 0 || left.index.chunks.length > 0) return;
    this.byKey.delete(left.key);
    const last = this.all[this.all.length - 1];
    last.place = left.place;
    this.all[last.place] = last;
    this.all.pop();
  }

  /** The same classes at the same places, with whoever stands for those who are in them. */
  copyClasses(mode: Mode, twinOf: (entry: Entry) => Entry): TicketClasses {
    const copy = new TicketClasses(mode);
    for (const { key, masks, index } of this.all) copy.openClass(key, masks, index.copyChunks(twinOf));
    return copy;
  }

  private openClass(key: string, masks: number[], index = new OrderedChunks<Entry>(bySkill)): TicketClass {
    const place = this.all.length;
    const bit = place < 31 ? 1 << place : 0;
    const fresh: TicketClass = { key, place, bit, size: masks.length, masks, index };
    this.byKey.set(key, fresh);
    this.all.push(fresh);
    return fresh;
  }
}

/** For each player of a ticket the roles that the player could play, as bits in the order of `roles`. */
export function masksOf(
  roles: readonly string[],
  { players, roles: given }: Pick<Ticket, 'players' | 'roles'>,
): number[] {
  const masks: number[] = [];
  for (let player = 0; player < players.length; player += 1) {
    let mask = 0;
    for (const role of given?.[player] ?? []) {
      const bit = roles.indexOf(role);
      if (bit >= 0) mask |= 1 << bit;
    }
    masks.push(mask);
  }
  return masks;
}
