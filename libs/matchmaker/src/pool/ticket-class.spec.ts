import { type Entry, newEntry } from './entry.js';
import type { Mode } from './rules/mode.js';
import { TicketClasses } from './ticket-class.js';

const roles = ['tank', 'healer', 'support', 'jungle', 'mid', 'carry'];
const ranked: Mode = {
  name: 'ranked',
  teams: 2,
  teamSize: 6,
  maxParty: 2,
  hardKeys: [],
  roles: { perTeam: Object.fromEntries(roles.map((role) => [role, 1])) },
};

/** The roles of which `mask` has the bits. */
const rolesOf = (mask: number): string[] => roles.filter((_, bit) => (mask & (1 << bit)) !== 0);

let counter = 0;
function enter(classes: TicketClasses, ...masks: number[]): Entry {
  counter += 1;
  const players = masks.map((_, player) => `p${counter}-${player}`);
  const ticket = { ticketId: `t${counter}`, players, roles: masks.map(rolesOf), skill: 0, since: 0 };
  const entry = newEntry(ticket, classes.classOf(ticket), undefined);
  entry.class.index.insertEntry(entry);
  return entry;
}

describe('the classes of a pool', () => {
  it('are not more than its tickets, whichever roles players have chosen before', () => {
    const classes = new TicketClasses(ranked);
    const pairs = Array.from({ length: 63 }, (_, i) => i + 1).flatMap((one) =>
      Array.from({ length: one }, (_, i) => [one, i + 1]),
    );
    for (const pair of pairs) classes.leaveClass(enter(classes, ...pair));
    expect(pairs).toHaveLength(2016);
    expect(classes.all).toHaveLength(31);
  });

  it('keep one that somebody else is still in', () => {
    const classes = new TicketClasses(ranked);
    for (let mask = 1; mask <= 31; mask += 1) enter(classes, mask);
    const [first, second] = [enter(classes, 32), enter(classes, 32)];
    classes.leaveClass(first);
    expect(classes.all).toContain(second.class);
    expect(enter(classes, 32).class).toBe(second.class);
    expect(second.class.index.chunks.flatMap(({ entries }) => entries)).toContain(second);
  });

  it('give bits to the first 31 only, however often others have come and gone', () => {
    const classes = new TicketClasses(ranked);
    for (let mask = 1; mask <= 31; mask += 1) enter(classes, mask);
    for (let round = 0; round < 3; round += 1) {
      const late = [enter(classes, 40), enter(classes, 41)];
      expect(late.map((entry) => entry.class.bit)).toEqual([0, 0]);
      for (const entry of late) classes.leaveClass(entry);
    }
    expect(new Set(classes.all.map(({ bit }) => bit)).size).toBe(31);
  });

  it('have the same places and bits in a copy', () => {
    const classes = new TicketClasses(ranked);
    const entries = Array.from({ length: 40 }, (_, i) => enter(classes, i + 1));
    for (const entry of entries.slice(33, 36)) classes.leaveClass(entry);
    const copy = classes.copyClasses(ranked, (entry) => entry);
    expect(copy.all).toHaveLength(37);
    for (const { class: one } of [...entries.slice(0, 33), ...entries.slice(36)]) {
      const { key, place, bit, masks } = one;
      expect(copy.all[place]).toMatchObject({ key, place, bit, masks });
      expect(copy.all[place]).not.toBe(one);
    }
  });
});
