import type { Entry, TicketClass } from './entry.js';
import type { Mode } from './rules/mode.js';
import { OrderedChunks } from './search/ordered-chunks.js';
import type { Ticket } from './ticket.js';

const bySkill = ({ skill }: Entry): number => skill;

/** The classes that a pool has met, and who is in them. */
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

  /** The same classes under the same ids, with whoever stands for those who are in them. */
  copyClasses(mode: Mode, twinOf: (entry: Entry) => Entry): TicketClasses {
    const copy = new TicketClasses(mode);
    for (const [key, { masks, index }] of this.byKey) copy.openClass(key, masks, index.copyChunks(twinOf));
    return copy;
  }

  private openClass(key: string, masks: number[], index = new OrderedChunks<Entry>(bySkill)): TicketClass {
    const id = this.all.length;
    const fresh: TicketClass = { id, bit: id < 31 ? 1 << id : 0, size: masks.length, masks, index };
    this.byKey.set(key, fresh);
    this.all.push(fresh);
    return fresh;
  }
}

/** For each player of a ticket the roles that the player could play, as bits in the order of `roles`. */
export function masksOf(roles: readonly string[], { players, roles: given }: Ticket): number[] {
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
